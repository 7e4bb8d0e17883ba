BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0009');
CREATE TABLE clip_jobs (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	request_key VARCHAR NOT NULL,
	place_id BIGINT NOT NULL,
	target_id BIGINT NOT NULL,
	mint VARCHAR NOT NULL,
	person_id VARCHAR NOT NULL,
	person_name VARCHAR NOT NULL,
	seconds FLOAT NOT NULL,
	max_bytes BIGINT NOT NULL,
	asked_at BIGINT NOT NULL,
	reply_to VARCHAR,
	state VARCHAR NOT NULL,
	phase VARCHAR,
	done_seconds FLOAT NOT NULL,
	cancel_requested BOOLEAN NOT NULL,
	leader_id BIGINT,
	holder VARCHAR,
	epoch BIGINT NOT NULL,
	until BIGINT,
	file_key VARCHAR,
	result TEXT,
	error TEXT,
	started_at BIGINT,
	finished_at BIGINT,
	expires_at BIGINT,
	changed_at BIGINT NOT NULL,
	card_id VARCHAR,
	begins_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	is_ahead BOOLEAN NOT NULL,
	stream_id BIGINT,
	parent_id BIGINT,
	source VARCHAR,
	stock_key VARCHAR,
	CONSTRAINT uq_clip_jobs_request_key UNIQUE (request_key),
	CONSTRAINT fk_clip_jobs_place_id FOREIGN KEY(place_id) REFERENCES places (id),
	CONSTRAINT fk_clip_jobs_target_id FOREIGN KEY(target_id) REFERENCES targets (id),
	CONSTRAINT fk_clip_jobs_leader_id FOREIGN KEY(leader_id) REFERENCES clip_jobs (id),
	CONSTRAINT fk_clip_jobs_stream_id FOREIGN KEY(stream_id) REFERENCES streams (id),
	CONSTRAINT fk_clip_jobs_parent_id FOREIGN KEY(parent_id) REFERENCES clip_jobs (id)
);
INSERT INTO "clip_jobs" VALUES(1,'r1',1,1,'AMintWhoseAddressIsOnlyMadeUpForTheTests1pump','1001','Anna',30.0,10485760,1795435200000,'77','done',NULL,0.0,0,NULL,NULL,1,NULL,'r1.mp4','{}',NULL,1795435240000,1795435241000,1795444200000,1795435241000,NULL,1795435170000,1795435200000,0,2,NULL,NULL,'stock-1.mp4');
INSERT INTO "clip_jobs" VALUES(2,'r2',1,1,'AMintWhoseAddressIsOnlyMadeUpForTheTests1pump','1001','Anna',30.0,10485760,1795435200000,'77','queued',NULL,0.0,0,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795435242000,NULL,1795435170000,1795435200000,0,2,1,NULL,NULL);
CREATE TABLE coins (
	mint VARCHAR NOT NULL,
	symbol VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	image TEXT,
	creator VARCHAR,
	picture_key VARCHAR,
	nsfw BOOLEAN,
	is_banned BOOLEAN,
	streams_banned_until BIGINT,
	CONSTRAINT pk_coins PRIMARY KEY (mint)
);
INSERT INTO "coins" VALUES('AMintWhoseAddressIsOnlyMadeUpForTheTests1pump','CAT','The Cat',NULL,NULL,NULL,1,0,NULL);
CREATE TABLE deliveries (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	target_id BIGINT NOT NULL,
	"key" VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	stream_id BIGINT,
	job_id BIGINT,
	sender VARCHAR NOT NULL,
	state VARCHAR NOT NULL,
	wanted INTEGER NOT NULL,
	shown INTEGER NOT NULL,
	priority INTEGER NOT NULL,
	silent BOOLEAN NOT NULL,
	due_at BIGINT NOT NULL,
	created_at BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	attempts INTEGER NOT NULL,
	holder VARCHAR,
	epoch BIGINT NOT NULL,
	until BIGINT,
	message_id VARCHAR,
	reply_to VARCHAR,
	error TEXT,
	sent_at BIGINT,
	shown_at BIGINT,
	body TEXT,
	mention VARCHAR,
	CONSTRAINT uq_deliveries_target_id_key UNIQUE (target_id, "key"),
	CONSTRAINT fk_deliveries_target_id FOREIGN KEY(target_id) REFERENCES targets (id),
	CONSTRAINT fk_deliveries_stream_id FOREIGN KEY(stream_id) REFERENCES streams (id),
	CONSTRAINT fk_deliveries_job_id FOREIGN KEY(job_id) REFERENCES clip_jobs (id)
);
INSERT INTO "deliveries" VALUES(1,1,'alert:2','alert',2,NULL,'local','due',1,0,20,0,1795435210000,1795435210000,1795435210000,0,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(2,1,'clip:1','clip',NULL,1,'local','sent',1,1,30,0,1795435241000,1795435241000,1795435260000,0,NULL,1,NULL,'m1',NULL,NULL,1795435260000,1795435260000,NULL,NULL);
CREATE TABLE facts (
	name VARCHAR NOT NULL,
	value TEXT NOT NULL,
	CONSTRAINT pk_facts PRIMARY KEY (name)
);
INSERT INTO "facts" VALUES('kept','yes');
CREATE TABLE page_events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	message_id BIGINT NOT NULL,
	change VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	reply_to VARCHAR,
	body TEXT NOT NULL,
	at BIGINT NOT NULL
);
INSERT INTO "page_events" VALUES(1,1,'new','message',NULL,'{"title": "Hello"}',1795435200000);
CREATE TABLE page_messages (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	nonce VARCHAR,
	kind VARCHAR NOT NULL,
	reply_to VARCHAR,
	body TEXT NOT NULL,
	at BIGINT NOT NULL,
	CONSTRAINT uq_page_messages_nonce UNIQUE (nonce)
);
INSERT INTO "page_messages" VALUES(1,NULL,'message',NULL,'{"title": "Hello"}',1795435200000);
CREATE TABLE places (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	platform VARCHAR NOT NULL,
	"key" VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	CONSTRAINT uq_places_platform_key UNIQUE (platform, "key")
);
INSERT INTO "places" VALUES(1,'local','place','The place');
CREATE TABLE preferences (
	scope VARCHAR NOT NULL,
	owner_id BIGINT NOT NULL,
	name VARCHAR NOT NULL,
	value TEXT NOT NULL,
	CONSTRAINT pk_preferences PRIMARY KEY (scope, owner_id, name)
);
INSERT INTO "preferences" VALUES('subscription',1,'role','7');
CREATE TABLE site_ids (
	stream_id BIGINT NOT NULL,
	site_id BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	CONSTRAINT pk_site_ids PRIMARY KEY (stream_id, site_id),
	CONSTRAINT fk_site_ids_stream_id FOREIGN KEY(stream_id) REFERENCES streams (id)
);
INSERT INTO "site_ids" VALUES(1,500,1795435200000);
INSERT INTO "site_ids" VALUES(2,501,1795435220000);
INSERT INTO "site_ids" VALUES(2,502,1795435230000);
CREATE TABLE stocks (
	"key" VARCHAR NOT NULL,
	mint VARCHAR NOT NULL,
	ordered_at BIGINT NOT NULL,
	begins_at BIGINT,
	ends_at BIGINT,
	CONSTRAINT pk_stocks PRIMARY KEY ("key")
);
INSERT INTO "stocks" VALUES('stock-1.mp4','AMintWhoseAddressIsOnlyMadeUpForTheTests1pump',1795435241000,NULL,NULL);
CREATE TABLE streams (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	mint VARCHAR NOT NULL,
	state VARCHAR NOT NULL,
	first_seen_at BIGINT NOT NULL,
	last_seen_at BIGINT NOT NULL,
	site_id BIGINT NOT NULL,
	started_at BIGINT,
	announced_at BIGINT,
	paused_at BIGINT,
	ended_at BIGINT,
	title TEXT NOT NULL,
	viewers INTEGER,
	peak_viewers INTEGER,
	thumbnail TEXT,
	thumbnail_updated_at BIGINT,
	picture_key VARCHAR,
	changed_at BIGINT NOT NULL
);
INSERT INTO "streams" VALUES(1,'AMintWhoseAddressIsOnlyMadeUpForTheTests1pump','ended',1795435200000,1795435200000,500,NULL,1795435200000,NULL,1795435205000,'hello',7,NULL,NULL,NULL,NULL,1795435200000);
INSERT INTO "streams" VALUES(2,'AMintWhoseAddressIsOnlyMadeUpForTheTests1pump','live',1795435210000,1795435230000,502,NULL,1795435210000,NULL,NULL,'hello',7,NULL,NULL,NULL,NULL,1795435220000);
CREATE TABLE subscriptions (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	target_id BIGINT NOT NULL,
	subject_kind VARCHAR NOT NULL,
	subject VARCHAR NOT NULL,
	person_id VARCHAR NOT NULL,
	person_name VARCHAR NOT NULL,
	created_at BIGINT NOT NULL,
	checked_at BIGINT,
	CONSTRAINT uq_subscriptions_target_id_subject_kind_subject UNIQUE (target_id, subject_kind, subject),
	CONSTRAINT fk_subscriptions_target_id FOREIGN KEY(target_id) REFERENCES targets (id)
);
INSERT INTO "subscriptions" VALUES(1,1,'mint','AMintWhoseAddressIsOnlyMadeUpForTheTests1pump','1001','Anna',1795435200000,NULL);
CREATE TABLE targets (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	place_id BIGINT NOT NULL,
	"key" VARCHAR NOT NULL,
	name VARCHAR NOT NULL,
	sender VARCHAR NOT NULL,
	disabled VARCHAR,
	switched_at BIGINT,
	CONSTRAINT uq_targets_place_id_key UNIQUE (place_id, "key"),
	CONSTRAINT fk_targets_place_id FOREIGN KEY(place_id) REFERENCES places (id)
);
INSERT INTO "targets" VALUES(1,1,'channel','#channel','local',NULL,1795435200000);
CREATE TABLE undos (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	target_id BIGINT NOT NULL,
	person_id VARCHAR NOT NULL,
	kind VARCHAR NOT NULL,
	job_id BIGINT,
	removed TEXT NOT NULL,
	made_at BIGINT NOT NULL,
	undone_at BIGINT,
	CONSTRAINT fk_undos_target_id FOREIGN KEY(target_id) REFERENCES targets (id),
	CONSTRAINT fk_undos_job_id FOREIGN KEY(job_id) REFERENCES clip_jobs (id)
);
INSERT INTO "undos" VALUES(1,1,'1001','unsubscribed',NULL,'{"subscriptions": [], "choices": []}',1795435250000,NULL);
CREATE TABLE uploads (
	sender VARCHAR NOT NULL,
	"key" VARCHAR NOT NULL,
	remote_id TEXT NOT NULL,
	uploaded_at BIGINT NOT NULL,
	CONSTRAINT pk_uploads PRIMARY KEY (sender, "key")
);
INSERT INTO "uploads" VALUES('local','cat.jpg','remote-1',1795435200000);
CREATE UNIQUE INDEX uq_streams_open ON streams (mint) WHERE state != 'ended';
CREATE INDEX ix_streams_mint_id ON streams (mint, id);
CREATE INDEX ix_stocks_mint ON stocks (mint);
CREATE INDEX ix_subscriptions_subject_kind_subject ON subscriptions (subject_kind, subject);
CREATE INDEX ix_clip_jobs_person_id_asked_at ON clip_jobs (person_id, asked_at);
CREATE INDEX ix_clip_jobs_mint ON clip_jobs (mint);
CREATE INDEX ix_clip_jobs_stream_id ON clip_jobs (stream_id);
CREATE INDEX ix_clip_jobs_file_key ON clip_jobs (file_key);
CREATE INDEX ix_clip_jobs_state_id ON clip_jobs (state, id);
CREATE INDEX ix_clip_jobs_target_id ON clip_jobs (target_id);
CREATE INDEX ix_clip_jobs_parent_id ON clip_jobs (parent_id);
CREATE INDEX ix_clip_jobs_place_id_asked_at ON clip_jobs (place_id, asked_at);
CREATE INDEX ix_clip_jobs_leader_id ON clip_jobs (leader_id);
CREATE INDEX ix_clip_jobs_stock_key ON clip_jobs (stock_key);
CREATE INDEX ix_deliveries_mention ON deliveries (target_id, sent_at) WHERE mention IS NOT NULL;
CREATE INDEX ix_deliveries_claim ON deliveries (sender, priority, due_at, id) WHERE state = 'due' OR state = 'sent' AND wanted > shown;
CREATE INDEX ix_deliveries_stream_id ON deliveries (stream_id);
CREATE INDEX ix_deliveries_state ON deliveries (state);
CREATE INDEX ix_deliveries_open ON deliveries (target_id, priority, due_at, id) WHERE state = 'due' OR state = 'sent' AND wanted > shown;
CREATE INDEX ix_deliveries_busy ON deliveries (target_id) WHERE state = 'claimed' OR state = 'sending';
CREATE INDEX ix_deliveries_job_id ON deliveries (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX ix_undos_target_id ON undos (target_id);
CREATE INDEX ix_undos_job_id ON undos (job_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('places',1);
INSERT INTO "sqlite_sequence" VALUES('targets',1);
INSERT INTO "sqlite_sequence" VALUES('subscriptions',1);
INSERT INTO "sqlite_sequence" VALUES('streams',2);
INSERT INTO "sqlite_sequence" VALUES('deliveries',2);
INSERT INTO "sqlite_sequence" VALUES('clip_jobs',2);
INSERT INTO "sqlite_sequence" VALUES('page_messages',1);
INSERT INTO "sqlite_sequence" VALUES('page_events',1);
INSERT INTO "sqlite_sequence" VALUES('undos',1);
COMMIT;
