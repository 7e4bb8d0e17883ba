from __future__ import annotations

import base58
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import MintError
from bot.model import MintFault
from bot.pumpfun import is_mint, parse_mint
from tests.pumpfun.samples import MINT, WALLET

mints = st.binary(min_size=32, max_size=32).map(lambda raw: base58.b58encode(raw).decode())


@pytest.mark.parametrize(
    "text",
    [
        MINT,
        f"  {MINT}\n",
        f"https://pump.fun/coin/{MINT}",
        f"http://pump.fun/coin/{MINT}",
        f"https://www.pump.fun/coin/{MINT}/",
        f"HTTPS://PUMP.FUN/coin/{MINT}",
        f"https://pump.fun:443/coin/{MINT}",
        f"<https://pump.fun/coin/{MINT}>",
        f"pump.fun/coin/{MINT}",
        f"www.pump.fun/{MINT}",
        f"https://pump.fun/{MINT}",
        f"https://pump.fun/live/{MINT}",
        f"https://pump.fun/board/{MINT}?a=b#c",
        f"https://pump.fun/coin/{MINT}?clip=20250914_135225%3A535897",
        f"https://clips.pump.fun/{MINT}/2070397_20260827_101112/thumb.jpg",
        f"clips.pump.fun/{MINT}",
    ],
)
def test_an_address_and_every_known_link_name_the_mint(text: str) -> None:
    assert parse_mint(text) == MINT


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", MintFault.EMPTY),
        (" <> ", MintFault.EMPTY),
        ("hello world", MintFault.NOT_BASE58),
        ("0OIl" * 10, MintFault.NOT_BASE58),
        (MINT[:-1] + "l", MintFault.NOT_BASE58),
        ("abc", MintFault.WRONG_LENGTH),
        (MINT + "1", MintFault.WRONG_LENGTH),
        ("z" * 44, MintFault.WRONG_LENGTH),
        ("2" * 32, MintFault.WRONG_LENGTH),
        ("1" * 1_000_000, MintFault.WRONG_LENGTH),
        ("0x52908400098527886E0F7030069857D2E4169EE7", MintFault.EVM),
        ("https://pump.fun/coin/0x52908400098527886E0F7030069857D2E4169EE7", MintFault.EVM),
        ("eip155:8453:0x52908400098527886E0F7030069857D2E4169EE7", MintFault.EVM),
        (f"https://pump.fun/profile/{WALLET}", MintFault.WALLET_LINK),
        (f"pump.fun/profile/{WALLET}?tab=coins", MintFault.WALLET_LINK),
        ("https://pump.fun/", MintFault.NO_MINT_IN_LINK),
        ("pump.fun", MintFault.NO_MINT_IN_LINK),
        ("https://pump.fun/live", MintFault.NO_MINT_IN_LINK),
        ("https://pump.fun/coin/", MintFault.NO_MINT_IN_LINK),
        (f"https://pump.fun/callouts/{MINT}/17", MintFault.NO_MINT_IN_LINK),
        (f"https://pump.fun/coin/{MINT.lower()}", MintFault.NO_MINT_IN_LINK),
        (f"https://livestream-api.pump.fun@evil.example/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"https://pump.fun@evil.example/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"https://someone@pump.fun/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"pump.fun@evil.example/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"{MINT}@evil.example", MintFault.FOREIGN_HOST),
        (f"https://pump.fun.evil.example/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"https://evilpump.fun/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"https://swap.pump.fun/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"https://evil.example/?https://pump.fun/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"https://pump.fun\\@evil.example/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"https://pump.fun:8080/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"https://pump.fun:99999999/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"//pump.fun/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"ftp://pump.fun/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"javascript://pump.fun/coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"https://pump.fun./coin/{MINT}", MintFault.FOREIGN_HOST),
        (f"https://ｐump.fun/coin/{MINT}", MintFault.FOREIGN_HOST),  # noqa: RUF001
        ("https://[::1", MintFault.FOREIGN_HOST),
    ],
)
def test_each_mistake_has_its_fault(text: str, fault: MintFault) -> None:
    with pytest.raises(MintError) as caught:
        parse_mint(text)
    assert caught.value.fault is fault
    assert caught.value.text == text


@given(mints)
def test_any_32_bytes_are_a_mint_and_keep_their_case(mint: str) -> None:
    assert parse_mint(mint) == mint
    assert parse_mint(f"https://pump.fun/coin/{mint}?x=1") == mint


@given(st.binary(max_size=64).filter(lambda raw: len(raw) != 32))
def test_no_other_number_of_bytes_is_a_mint(raw: bytes) -> None:
    assert not is_mint(base58.b58encode(raw).decode())


@given(st.text() | st.text("htps:/.@pumfncoi<>0x1A\\?#[]%", max_size=80))
def test_any_text_is_a_mint_or_a_mint_error(text: str) -> None:
    try:
        mint = parse_mint(text)
    except MintError:
        return
    assert len(base58.b58decode(mint)) == 32


@given(st.sampled_from(["https://evil.example/", "https://a@pump.fun/", "ftp://pump.fun/"]), mints)
def test_a_mint_at_a_foreign_place_is_refused(place: str, mint: str) -> None:
    with pytest.raises(MintError):
        parse_mint(place + mint)
