// The picture or the video of a message, each in a place of its own that stays where it is.

import { urlOf } from "./api.js";
import { make } from "./dom.js";
import { LoadedFile, whenNear } from "./loading.js";
import { words } from "./words.js";

const CLIP = { gone: words.videoGone, away: words.videoAway, there: words.videoUnplayable };
const PICTURE = { away: words.pictureAway, there: words.pictureAway };

export function clip(path, size, title) {
  const src = urlOf(path);
  const video = make("video", {
    controls: true,
    preload: "metadata",
    playsinline: true,
    width: size?.[0],
    height: size?.[1],
    "aria-label": words.videoOf(title),
    data: { src },
  });
  let [at, isPlaying, wasPlaying] = [0, false, false];
  video.addEventListener("play", () => (isPlaying = true));
  video.addEventListener("pause", () => (isPlaying = false)); // after the error that stops it
  video.addEventListener("error", () => {
    // What is damaged there would only fail there again.
    at = video.error?.code === MediaError.MEDIA_ERR_DECODE ? 0 : video.currentTime;
    wasPlaying = isPlaying;
  });
  // It goes on where it broke off; with its sound only for somebody who asks for it.
  const begin = (isPressed) => {
    video.src = src;
    if (at > 0) video.currentTime = at;
    if (isPressed && wasPlaying) video.play().catch(() => {}); // its own error says why not
  };
  const { host } = new LoadedFile(path, video, { begin, said: CLIP });
  whenNear(host, begin);
  return host;
}

// Without sound, again and again; a click stops it and lets it go on. Whoever wants little motion
// starts it by its controls. `still` stands in where its file cannot be had.
export function movingPicture(path, size, title, still) {
  const src = urlOf(path);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const video = make("video", {
    class: "moving",
    loop: true,
    playsinline: true,
    controls: calm,
    autoplay: !calm,
    preload: "metadata",
    width: size?.[0],
    height: size?.[1],
    "aria-label": words.pictureOf(title),
    data: { src },
  });
  video.muted = true;
  if (!calm) video.addEventListener("click", () => (video.paused ? video.play() : video.pause()));
  const begin = () => (video.src = src);
  const { host } = new LoadedFile(path, video, { begin, said: PICTURE, standIn: still });
  whenNear(host, begin);
  return host;
}

export function picture(path, size, title) {
  const src = urlOf(path);
  const image = make("img", {
    alt: words.pictureOf(title),
    width: size?.[0],
    height: size?.[1],
    loading: "lazy",
    decoding: "async",
  });
  const frame = make("a", { class: "picture", href: src, target: "_blank", rel: "noopener" }, image);
  const begin = () => (image.src = src);
  const { host } = new LoadedFile(path, frame, { begin, said: PICTURE });
  begin();
  return host;
}
