// Emoji. Where no font has them, boxes would stand there instead.

const FIRST = /^[\p{Extended_Pictographic}\uFE0F]+\s*/u;
const ANY = /(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)+\s*/gu;

// Without the one at the beginning.
export const withoutLeadingEmoji = (text) => readable(text.replace(FIRST, ""));

// A font that has them paints them in colours of its own.
function paintsEmoji() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return true;
  context.font = "12px sans-serif";
  context.fillStyle = "#000";
  context.fillText("🔴", 0, 12);
  const { data } = context.getImageData(0, 0, 16, 16);
  return data.some((value, index) => index % 4 === 0 && value !== data[index + 2]);
}

const isPainted = paintsEmoji();

export const readable = (text) => (isPainted ? text : text.replace(ANY, ""));
