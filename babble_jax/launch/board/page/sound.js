"use strict";
// Players: a button, and a spectrogram that is computed here from the sound, on which a cursor runs.
const WINDOW_SECONDS = 0.025, COLUMNS = 600, RANGE_DB = 75;
const HEAT = [[5, 3, 15], [62, 15, 102], [140, 41, 129], [222, 73, 104], [254, 159, 109], [252, 253, 191]];
let playing = null;

const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

// The sample rate stands in the first block of a FLAC.
const rateOf = (bytes) => (bytes[18] << 12) | (bytes[19] << 4) | (bytes[20] >> 4);

const decode = async (bytes) => {
  const rate = rateOf(bytes), context = new OfflineAudioContext(1, 1, rate >= 3000 && rate <= 384000 ? rate : 16000);
  const buffer = await context.decodeAudioData(bytes.buffer.slice(0));
  return { samples: buffer.getChannelData(0), rate: buffer.sampleRate };
};

// The fast Fourier transform in place, of arrays whose length is a power of two.
const transform = (real, imaginary) => {
  const count = real.length;
  for (let i = 1, j = 0; i < count; i++) {
    let bit = count >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
  }
  for (let size = 2; size <= count; size <<= 1) {
    const half = size >> 1, angle = (-2 * Math.PI) / size;
    for (let k = 0; k < half; k++) {
      const c = Math.cos(angle * k), s = Math.sin(angle * k);
      for (let start = k; start < count; start += size) {
        const other = start + half;
        const re = real[other] * c - imaginary[other] * s, im = real[other] * s + imaginary[other] * c;
        real[other] = real[start] - re;
        imaginary[other] = imaginary[start] - im;
        real[start] += re;
        imaginary[start] += im;
      }
    }
  }
};

const heat = (share) => {
  const place = Math.max(0, Math.min(0.9999, share)) * (HEAT.length - 1), low = Math.floor(place), rest = place - low;
  return HEAT[low].map((value, channel) => value + rest * (HEAT[low + 1][channel] - value));
};

const drawSpectrogram = (canvas, { samples, rate }) => {
  const length = Math.max(8, Math.round(WINDOW_SECONDS * rate)), size = 1 << Math.ceil(Math.log2(length));
  const columns = Math.min(COLUMNS, Math.max(1, Math.floor(samples.length / 32))), bins = size >> 1;
  const decibels = new Float32Array(columns * bins);
  let loudest = -Infinity;
  for (let column = 0; column < columns; column++) {
    const real = new Float32Array(size), imaginary = new Float32Array(size);
    const start = Math.round((column / columns) * samples.length - length / 2);
    for (let i = 0; i < length; i++) {
      const place = start + i;
      if (place >= 0 && place < samples.length) real[i] = samples[place] * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length));
    }
    transform(real, imaginary);
    for (let bin = 0; bin < bins; bin++) {
      const value = 10 * Math.log10(real[bin] ** 2 + imaginary[bin] ** 2 + 1e-12);
      decibels[column * bins + bin] = value;
      loudest = Math.max(loudest, value);
    }
  }
  canvas.width = columns;
  canvas.height = bins;
  const context = canvas.getContext("2d"), image = context.createImageData(columns, bins);
  for (let column = 0; column < columns; column++) {
    for (let bin = 0; bin < bins; bin++) {
      const place = 4 * ((bins - 1 - bin) * columns + column);
      image.data.set(heat(1 + (decibels[column * bins + bin] - loudest) / RANGE_DB), place);
      image.data[place + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
};

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    entry.target.drawOnce();
  }
}, { rootMargin: "400px" });

// A player of one sound; `text` is a FLAC in base64.
const player = (name, text) => {
  const audio = element("audio", { preload: "none", src: `data:audio/flac;base64,${text}` });
  const button = element("button", { type: "button", "aria-label": `Play ${name}` }, "▶");
  const time = element("span", { class: "time" }), cursor = element("div", { class: "cursor" });
  const canvas = element("canvas", { "aria-hidden": "true" }), top = element("span", { class: "top" });
  const picture = element("div", { class: "spectrogram" }, canvas, cursor, top);
  const node = element("figure", { class: "sound" }, element("div", { class: "bar" }, button, element("span", { title: name }, name), time), picture, audio);
  let seconds = 0;
  cursor.hidden = true;
  const show = () => {
    const duration = audio.duration || seconds;
    cursor.hidden = audio.paused && audio.currentTime === 0;
    cursor.style.left = `${(100 * audio.currentTime) / (duration || 1)}%`;
    time.textContent = cursor.hidden ? `${duration.toFixed(1)} s` : `${audio.currentTime.toFixed(1)} / ${duration.toFixed(1)} s`;
    button.textContent = audio.paused ? "▶" : "❚❚";
    button.setAttribute("aria-label", `${audio.paused ? "Play" : "Stop"} ${name}`);
    if (!audio.paused) requestAnimationFrame(show);
  };
  const play = () => {
    if (playing && playing !== audio) playing.pause();
    playing = audio;
    audio.play();
  };
  button.addEventListener("click", () => (audio.paused ? play() : audio.pause()));
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    audio.currentTime = ((event.clientX - box.left) / box.width) * (audio.duration || seconds);
    play();
  });
  for (const event of ["play", "pause", "ended", "seeked", "loadedmetadata"]) audio.addEventListener(event, show);
  picture.drawOnce = async () => {
    try {
      const sound = await decode(bytesOf(text));
      seconds = sound.samples.length / sound.rate;
      drawSpectrogram(canvas, sound);
      top.textContent = `${Number((sound.rate / 2000).toPrecision(3))} kHz`;
      node.dataset.drawn = "yes";
      show();
    } catch (error) {
      top.textContent = "this browser cannot decode the sound";
    }
  };
  seen.observe(picture);
  return node;
};
