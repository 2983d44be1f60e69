/** Which part of a picture is shown: a scale, and where its upper left corner is in the frame. All in CSS pixels. */
export class View {
  static MOST = 16;

  /** @param {{width: number, height: number}} picture as wide as the frame @param {{width: number, height: number}} frame */
  constructor(picture, frame) {
    this.picture = picture;
    this.frame = frame;
    this.fit();
  }

  get isFitted() {
    return this.scale === 1;
  }

  fit() {
    [this.scale, this.x, this.y] = [1, 0, 0];
  }

  /** Zooms by a factor; what is at the place x, y of the frame stays there. */
  zoom(factor, x = this.frame.width / 2, y = this.frame.height / 2) {
    const scale = Math.min(View.MOST, Math.max(1, this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.#keepInside();
  }

  move(byX, byY) {
    this.x += byX;
    this.y += byY;
    this.#keepInside();
  }

  /** The frame has another size; the middle of what is shown stays in its middle. */
  resize(picture, frame) {
    const [middleX, middleY] = [(this.frame.width / 2 - this.x) / this.scale, (this.frame.height / 2 - this.y) / this.scale];
    const grown = picture.width / this.picture.width;
    [this.picture, this.frame] = [picture, frame];
    this.x = frame.width / 2 - middleX * grown * this.scale;
    this.y = frame.height / 2 - middleY * grown * this.scale;
    this.#keepInside();
  }

  #keepInside() {
    this.x = inside(this.x, this.frame.width, this.picture.width * this.scale);
    this.y = inside(this.y, this.frame.height, this.picture.height * this.scale);
  }
}

/** A side that is shorter than the frame stands in the middle; a longer one leaves no gap. */
function inside(start, frame, side) {
  if (side <= frame) {
    return (frame - side) / 2;
  }
  return Math.min(0, Math.max(frame - side, start));
}
