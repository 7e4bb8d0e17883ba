"""What Telegram makes of messages, their media, markup and keyboards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    CopyTextButton,
    InputMediaAnimation,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    Message,
)
from telegram import (
    InlineKeyboardButton as Button,
)
from telegram import (
    InlineKeyboardMarkup as Markup,
)
from telegram.error import BadRequest, NetworkError

from tests.fakes.telegram import FakeTelegram, User
from tests.fakes.telegram.api.refusals import Refused
from tests.fakes.telegram.client import ask, client, jpeg, mp4, png
from tests.fakes.telegram.state.markup import parse_html

HTML = (
    ("a < b", 'Unsupported start tag "" at byte offset 2'),
    ("é<blink>x</blink>", 'Unsupported start tag "blink" at byte offset 2'),
    ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
    ("<b", "Unclosed start tag at byte offset 0"),
    ("x</b>", "Unexpected end tag at byte offset 1"),
    ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ("<b>x</b", "Unclosed end tag at byte offset 4"),
    ("<a =x>y</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
    ('<a href="x>y</a>', "Unclosed start tag at byte offset 0"),
    ("<a href>y</a>", "Expected equal sign in declaration of an attribute of the tag"),
    ("<span>y</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ("<a href=a/b>y</a>", "Unexpected end of name token at byte offset 8"),
)
KEYBOARDS = (
    ({"text": "x"}, "Text buttons are unallowed in the inline keyboard"),
    ({"text": "", "callback_data": "x"}, "button text must be non-empty"),
    ({"text": "x", "url": "http://localhost/a"}, "Wrong HTTP URL"),
    ({"text": "x", "url": "https://a.example", "callback_data": "x"}, "at once"),
    ({"text": "x", "callback_data": "é" * 33}, "66 bytes, not 1 to 64"),
    ({"text": "x", "copy_text": {"text": "x" * 257}}, "257 characters, not 1 to 256"),
    ({"text": "x", "callback_dat": "y"}, "callback_dat is not known to Telegram"),
)


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
async def bot(telegram: FakeTelegram) -> AsyncIterator[Bot]:
    async with client(telegram) as running:
        yield running


@pytest.fixture
def al(telegram: FakeTelegram) -> User:
    return telegram.add_user("al")


def test_html_is_refused_in_telegrams_own_words() -> None:
    for markup, said in HTML:
        with pytest.raises(Refused) as caught:
            parse_html(markup)
        assert f"can't parse entities: {said}" in caught.value.description, markup


def test_html_becomes_text_and_entities_in_utf16_units() -> None:
    body = parse_html(
        '😀 <b>a&amp;<i>b</i></b> <a href="https://x.example">l</a> &lt;&copy;&#x41; '
        '<pre><code class="language-py">c</code></pre><blockquote expandable>q</blockquote>'
    )
    assert body.text == "😀 a&b l <&copy;A cq"
    told = [(one["type"], body.part(one)) for one in body.entities]
    assert told == [
        ("bold", "a&b"),
        ("italic", "b"),
        ("text_link", "l"),
        ("pre", "c"),
        ("expandable_blockquote", "q"),
    ]
    assert (body.entities[0]["offset"], body.entities[3]["language"]) == (3, "py")


def test_a_time_has_a_moment_and_a_format_of_those_that_are_published() -> None:
    body = parse_html('<tg-time unix="1772746200" format="dt">5 Mar</tg-time> <tg-time>?</tg-time>')
    told = {"unix_time": 1772746200, "date_time_format": "dt"}
    assert body.text == "5 Mar ?"
    assert body.entities == ({"type": "date_time", "offset": 0, "length": 5, **told},)
    for style in ("R", "td", "rt", "x"):
        with pytest.raises(Refused, match="Invalid date format used"):
            parse_html(f'<tg-time unix="1" format="{style}">x</tg-time>')
    for seconds in (time.time() + 1099 * 86_400, 1 << 31):
        with pytest.raises(Refused, match="ENTITY_DATE_INVALID"):
            parse_html(f'<tg-time unix="{int(seconds)}" format="t">x</tg-time>')


async def test_lengths_count_after_parsing(telegram: FakeTelegram, bot: Bot, al: User) -> None:
    await bot.send_message(al.id, f"<b>{'&amp;' * 4096}</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message is too long"):
        await bot.send_message(al.id, "😀" * 2049)
    await bot.send_photo(al.id, jpeg(), caption=f"<i>{'x' * 1024}</i>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_photo(al.id, jpeg(), caption="x" * 1025)
    with pytest.raises(BadRequest, match="Message text is empty"):
        await bot.send_message(al.id, " \n ")
    assert [len(message.text) for message in al.chat.messages] == [4096, 0]
    assert telegram.rejected == []


async def test_a_picture_is_uploaded_once_and_sent_again_by_its_id(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    picture = jpeg()
    sent = await bot.send_photo(al.id, picture, caption="one", disable_notification=True)
    assert [(size.width, size.height) for size in sent.photo] == [(90, 50), (320, 180), (640, 360)]
    again = await bot.send_photo(telegram.add_user("bo").id, sent.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == sent.photo[-1].file_unique_id
    message = al.chat.messages[0]
    assert message.photo is not None
    assert (message.photo.data, message.caption, message.silent) == (picture, "one", True)
    assert telegram.uploads == {"photo": 1}
    assert telegram.calls[0].files[0][2] == len(picture)
    file = await bot.get_file(sent.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == picture


async def test_a_file_id_is_good_for_its_bot_its_type_and_its_time(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    photo = (await bot.send_photo(al.id, jpeg())).photo[-1].file_id
    with pytest.raises(BadRequest, match="file of type photo as video"):
        await bot.send_video(al.id, photo)
    async with FakeTelegram() as elsewhere, client(elsewhere) as other:
        bo = elsewhere.add_user("bo")
        with pytest.raises(BadRequest, match="Wrong remote file identifier"):
            await other.send_photo(bo.id, photo)
    telegram.expire_file_ids()
    with pytest.raises(BadRequest, match="Wrong file identifier"):
        await bot.send_photo(al.id, photo)
    assert (await bot.send_photo(al.id, jpeg())).photo[-1].file_id != photo


async def test_pictures_must_be_pictures_of_at_most_10_mb(bot: Bot, al: User) -> None:
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(al.id, b"no picture")
    with pytest.raises(BadRequest, match="too big for a photo"):
        await bot.send_photo(al.id, jpeg() + bytes(10 * 1024 * 1024))
    with pytest.raises(BadRequest, match="Photo_invalid_dimensions"):
        await bot.send_photo(al.id, png(2100, 100))
    with pytest.raises(BadRequest, match="File must be non-empty"):
        await bot.send_photo(al.id, b"")


async def test_an_upload_above_50_mb_is_too_large(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    with pytest.raises(NetworkError, match="Request Entity Too Large"):
        await bot.send_video(al.id, mp4() + bytes(50_000_000))
    assert telegram.calls[-1].code == 413


async def test_a_video_is_kept_with_what_was_told_of_it(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    sent = await bot.send_video(
        al.id,
        mp4(),
        thumbnail=jpeg(320, 180),
        width=1280,
        height=720,
        duration=30,
        supports_streaming=True,
    )
    assert sent.video is not None
    assert sent.video.thumbnail is not None
    await bot.send_video(telegram.add_user("bo").id, sent.video.file_id)
    video = al.chat.messages[0].video
    assert video is not None
    assert video.thumbnail is not None
    assert (video.width, video.height, video.duration) == (1280, 720, 30)
    assert (video.supports_streaming, video.thumbnail.width) == (True, 320)
    assert telegram.uploads == {"video": 1, "thumbnail": 1}
    with pytest.raises(BadRequest, match="file of type thumbnail as photo"):
        await bot.send_photo(al.id, sent.video.thumbnail.file_id)


async def test_an_animation_is_a_video_without_sound_and_a_document_to_who_knows_none(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    sent = await bot.send_animation(al.id, mp4(), caption="one", has_spoiler=True)
    assert sent.animation is not None
    assert sent.document is not None
    assert sent.document.file_id == sent.animation.file_id
    assert (sent.video, sent.has_media_spoiler) == (None, True)
    shown = al.chat.messages[0].animation
    assert shown is not None
    assert (shown.width, shown.height, shown.duration) == (64, 48, 1)
    photo = await bot.send_photo(al.id, jpeg())
    with pytest.raises(BadRequest, match="file of type photo as animation"):
        await bot.send_animation(al.id, photo.photo[-1].file_id)
    changed = await bot.edit_message_media(
        InputMediaAnimation(sent.animation.file_id), al.id, photo.message_id
    )
    assert isinstance(changed, Message)
    assert changed.animation is not None
    assert telegram.uploads == {"animation": 1, "photo": 1}


async def test_where_no_other_messages_may_be_sent_there_are_no_animations(
    telegram: FakeTelegram, bot: Bot
) -> None:
    group = telegram.add_group("Den")
    group.permissions.discard("can_send_other_messages")
    with pytest.raises(BadRequest, match="ot enough rights to send animations to the chat"):
        await bot.send_animation(group.id, mp4())


async def test_telegram_looks_into_small_videos_only(bot: Bot, al: User) -> None:
    for extra in (0, 10_000_000):
        await bot.send_video(al.id, mp4(2) + bytes(extra))
    await bot.send_video(al.id, b"no video at all")
    small, large, none = (message.content.media for message in al.chat.messages)
    assert small is not None
    assert large is not None
    assert none is not None
    assert (small.width, small.height, small.duration) == (64, 48, 2)
    assert (large.width, large.height, large.duration) == (320, 320, 0)
    assert none.kind == "document"


async def test_a_bad_thumbnail_is_left_out_and_noted(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    for bad in (png(), jpeg(640, 360), jpeg(320, 180) + bytes(200_000)):
        await bot.send_video(al.id, mp4(), thumbnail=bad)
    assert [one.video and one.video.thumbnail for one in al.chat.messages] == [None] * 3
    assert len(telegram.rejected) == 3


async def test_media_stay_covered_and_below_their_words_until_an_edit_says_otherwise(
    bot: Bot, al: User
) -> None:
    told = await bot.send_photo(
        al.id, jpeg(), caption="x", has_spoiler=True, show_caption_above_media=True
    )
    assert (told.has_media_spoiler, told.show_caption_above_media) == (True, True)
    edited = await bot.edit_message_caption(al.id, told.message_id, caption="y")
    assert isinstance(edited, Message)
    assert (edited.has_media_spoiler, edited.show_caption_above_media) == (True, None)
    media = InputMediaPhoto(told.photo[-1].file_id, caption="y")
    edited = await bot.edit_message_media(media, al.id, told.message_id)
    assert isinstance(edited, Message)
    assert not edited.has_media_spoiler


async def test_a_preview_and_a_buttons_colour_are_given_back(bot: Bot, al: User) -> None:
    rows = Markup([[Button("Stop", callback_data="s", api_kwargs={"style": "danger"})]])
    off = LinkPreviewOptions(is_disabled=True)
    told = await bot.send_message(
        al.id, "https://pump.fun", reply_markup=rows, link_preview_options=off
    )
    assert told.link_preview_options == off
    assert al.chat.messages[0].buttons[0].style == "danger"


async def test_keyboards_are_taken_apart_and_given_back(bot: Bot, al: User) -> None:
    rows = [
        [Button("Watch", url="https://pump.fun/coin/x")],
        [Button("Clip", callback_data="c"), Button("Copy", copy_text=CopyTextButton("mint"))],
    ]
    sent = await bot.send_message(al.id, "x", reply_markup=Markup(rows))
    assert sent.reply_markup == Markup(rows)
    watch, clip, copy = al.chat.messages[0].buttons
    assert (watch.url, clip.data, copy.copies) == ("https://pump.fun/coin/x", "c", "mint")


async def test_bad_keyboards_are_refused(telegram: FakeTelegram, al: User) -> None:
    for button, said in KEYBOARDS:
        markup = {"inline_keyboard": [[button]]}
        told = await ask(
            telegram, "sendMessage", json={"chat_id": al.id, "text": "x", "reply_markup": markup}
        )
        assert said in told["description"], button
    assert al.chat.messages == []


async def test_a_press_waits_for_its_answer_and_tells_what_changed(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    markup = Markup([[Button("Go", callback_data="go"), Button("Stay", callback_data="stay")]])
    await bot.send_message(al.id, "x", reply_markup=markup)
    message = al.chat.messages[0]
    async with asyncio.TaskGroup() as group:
        pressing = group.create_task(al.press(message, label="Go"))
        (update,) = await bot.get_updates(timeout=5)
        query = update.callback_query
        assert query is not None
        assert query.data == "go"
        await query.edit_message_text("y", reply_markup=markup)
        await query.answer("done", show_alert=True)
    pressed = pressing.result()
    assert (pressed.text, pressed.alert, pressed.changed) == ("done", True, True)
    assert (message.text, pressed.edits[0].before.body.text) == ("y", "x")
    with pytest.raises(BadRequest, match="Query is too old"):
        await query.answer()
    with pytest.raises(TimeoutError):
        await al.press(message, data="stay", within=0.05)


async def test_edits_change_what_is_there_and_only_that(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    markup = Markup([[Button("x", callback_data="x")]])
    text = await bot.send_message(al.id, "one", reply_markup=markup)
    photo = await bot.send_photo(al.id, jpeg(), caption="one")
    with pytest.raises(BadRequest, match="Message is not modified"):
        await text.edit_text("one", reply_markup=markup)
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await text.edit_caption("x")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await photo.edit_text("x")
    await text.edit_text("one")
    await photo.edit_caption("two", reply_markup=markup)
    await photo.edit_media(InputMediaPhoto(jpeg(colour="red"), caption="three"))
    await photo.edit_reply_markup(markup)
    first, second = al.chat.messages
    assert (first.text, first.keyboard, len(first.edits)) == ("one", (), 1)
    assert (second.caption, len(second.edits), second.buttons[0].data) == ("three", 3, "x")
    assert second.photo is not None
    assert second.photo.data == jpeg(colour="red")
    assert telegram.uploads == {"photo": 2}
    await photo.edit_media(InputMediaVideo(mp4(), thumbnail=jpeg(320, 180), width=64))
    assert not second.caption
    assert second.video is not None
    assert second.video.thumbnail is not None
    assert telegram.rejected == []


async def test_what_is_gone_cannot_be_edited_or_deleted(bot: Bot, al: User) -> None:
    message = await bot.send_message(al.id, "x")
    await message.delete()
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await message.edit_text("y")
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await message.delete()
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(al.id, "y", reply_to_message_id=message.message_id)
    assert (len(al.chat.messages), al.chat.shown) == (1, [])


async def test_after_48_hours_nothing_is_deleted_but_edited(
    telegram: FakeTelegram, bot: Bot, al: User
) -> None:
    message = await bot.send_message(al.id, "x")
    telegram.advance(48 * 3600 + 1)
    with pytest.raises(BadRequest, match="Message can't be deleted for everyone"):
        await message.delete()
    await message.edit_text("y")
    assert al.chat.shown[0].text == "y"


async def test_commands_are_kept_by_scope_and_language(telegram: FakeTelegram, bot: Bot) -> None:
    scope = BotCommandScopeAllGroupChats()
    await bot.set_my_commands([BotCommand("live", "What is live")], scope=scope)
    await bot.set_my_commands([("live", "Was läuft")], language_code="de")
    assert telegram.commands == {
        ("all_group_chats", ""): {"live": "What is live"},
        ("default", "de"): {"live": "Was läuft"},
    }
    assert await bot.get_my_commands() == ()
    await bot.delete_my_commands(scope=scope)
    assert list(telegram.commands) == [("default", "de")]
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await bot.set_my_commands([("No", "x")])
