// Every word that the page itself says. What Mintcast says comes from the service.

const SHORT = 4;
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });

// An address, recognizable.
export const short = (mint) => (mint.length > 2 * SHORT ? `${mint.slice(0, SHORT)}…${mint.slice(-SHORT)}` : mint);

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export const words = {
  unreachable: "Mintcast isn't responding. Is it still running?",
  failed: (status) => `That didn't work (error ${status}).`,
  reconnecting: "Connection lost. Reconnecting…",
  suggestions: (count) => (count === 1 ? "1 suggestion" : `${count} suggestions`),
  subscribeTo: (coin) => `Subscribe to ${coin}`,
  newMessages: (count) => (count === 1 ? "1 new message" : `${count} new messages`),
  you: "You",
  mintcast: "Mintcast",
  reply: "Reply",
  answering: (title) => `Replying to “${title}”`,
  stopAnswering: "Cancel reply",
  choose: "Choose…",
  copied: "Copied",
  notCopied: "Couldn't copy. Copy it from here:",
  download: "Download",
  showPicture: "Show picture",
  showClip: "Show clip",
  marked: (label) => `NSFW · ${label}`,
  videoGone: "This clip is no longer kept.",
  pictureOf: (title) => (title ? `Picture: ${title}` : "Picture"),
  videoOf: (title) => (title ? `Clip: ${title}` : "Clip"),
  done: (percent) => `${percent} % done`,

  live: "live",
  starting: "starting",
  paused: "paused",
  offline: "offline",
  viewers: (count) => (count === 1 ? "1 viewer" : `${compact.format(count)} viewers`),
  noCoins: "No coins yet. Type /subscribe and a coin's address.",
  moreCoins: (count) => `and ${count} more; /subscriptions lists them all`,
  summary: (coins, live) =>
    coins === 0 ? "" : `${coins} ${coins === 1 ? "coin" : "coins"}, ${live} live`,
  clip: "Clip",
  history: "History",
  copyAddress: "Copy address",
  unsubscribe: "Unsubscribe",

  services: "Services",
  nodes: "Nodes",
  asOf: (time) => `As of ${time}. Mintcast isn't responding.`,
  service: (name) => (name === "pump.fun" ? name : capital(name)),
  serviceStates: { good: "works", bad: "fails", off: "off" },
  part: (name) =>
    ({
      dispatcher: "Delivery",
      updates: "Title and viewers",
      "clip service": "Recording",
      clips: "Queue",
      replay: "Instant replay",
      watcher: "Checks",
      "pump.fun": "pump.fun",
      "pump.fun board": "List of live coins",
      local: "This page",
      http: "HTTP",
      tidying: "Old clips",
      "clip retention": "Old clips of all nodes",
      retention: "Old records",
    })[name] ?? capital(name.replace(/^alerts /, "To ")),
  works: "works",
  fails: "fails",
  since: "since ",
  lastAlerts: "Latest alerts",
  noAlerts: "None yet.",
  failures: "Failures",
  noFailures: "None.",
  disk: "Disk",
  free: (free, total) => `${free} free of ${total}`,
  unknownDisk: "Unknown.",
  version: (version) => `Mintcast ${version}`,
  kinds: { alert: "alert", clip: "clip", notice: "notice", digest: "digest" },
  states: {
    due: "waiting",
    claimed: "on its way",
    sending: "on its way",
    sent: "sent",
    uncertain: "unconfirmed",
    dead: "not sent",
  },
};
