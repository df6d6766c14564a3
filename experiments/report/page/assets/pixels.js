// Pixels draws numbers as images, one value or three channels a pixel.
const Pixels = (() => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

  function paint(canvas, width, height, color) {
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext("2d"), image = pen.createImageData(width, height);
    for (let i = 0; i < width * height; i++) image.data.set(color(i % width, Math.floor(i / width)), 4 * i);
    pen.putImageData(image, 0, 0);
    return canvas;
  }

  // diverging is blue below 0, white at 0 and orange above; v is from −1 to 1.
  function diverging(v) {
    const full = v < 0 ? [0, 90, 143] : [208, 78, 0], share = Math.min(1, Math.abs(v));
    return full.map((c) => Math.round(255 + share * (c - 255)));
  }

  const at = (p, values, channel, x, y) => values[(Math.min(channel, p.count - 1) * p.height + y) * p.width + x];

  // grey draws an image of one channel, or of red, green and blue.
  function grey(canvas, p) {
    const values = bytes(p.values);
    return paint(canvas, p.width, p.height, (x, y) => [...[0, 1, 2].map((c) => at(p, values, c, x, y)), 255]);
  }

  // change draws the mean change over the channels, from −1 to 1, over the image.
  function change(canvas, view) {
    const p = view.change, values = bytes(p.values);
    return paint(canvas, p.width, p.height, (x, y) => {
      let sum = 0;
      for (let c = 0; c < p.count; c++) sum += (at(p, values, c, x, y) - 128) / 127;
      return [...diverging((1.5 * sum) / p.count), 255];
    });
  }

  // sheet lays images of one size out in rows of 16, a small gap apart. It enlarges them to
  // at least 20 pixels a side.
  function sheet(canvas, count, width, height, color) {
    const scale = Math.ceil(20 / width), columns = Math.min(16, count), side = [width * scale + 3, height * scale + 3];
    return paint(canvas, columns * side[0] - 3, Math.ceil(count / columns) * side[1] - 3, (x, y) => {
      const i = Math.floor(y / side[1]) * columns + Math.floor(x / side[0]), [u, v] = [Math.floor((x % side[0]) / scale), Math.floor((y % side[1]) / scale)];
      return i < count && u < width && v < height ? [...color(i, u, v), 255] : [0, 0, 0, 0];
    });
  }

  function maps(canvas, p) {
    const values = bytes(p.values);
    return sheet(canvas, p.count, p.width, p.height, (i, x, y) => [0, 1, 2].map(() => at(p, values, i, x, y)));
  }

  // filters draws the kernels of a convolution: of one channel from blue to orange, of
  // three as a colour around grey.
  function filters(canvas, snapshot) {
    const [count, channels, height, width] = snapshot.shape, values = bytes(snapshot.filters);
    const of = (i, c, x, y) => values[((i * channels + c) * height + y) * width + x];
    return sheet(canvas, count, width, height, (i, x, y) => (channels === 3 ? [0, 1, 2].map((c) => of(i, c, x, y)) : diverging((of(i, 0, x, y) - 128) / 127)));
  }

  return { grey, change, maps, filters };
})();
