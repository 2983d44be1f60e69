/**
 * Reads the preview of a stack: a grey PNG of 16 bits with its planes below each other.
 *
 * Canvases give 8 bits of a picture, so the file is decoded here; the browser inflates it. Interlaced or coloured PNGs
 * are none of ours. What the preview holds: docs/worker.md, "Pictures".
 */
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const BYTES_OF_A_VALUE = 2;
const FACTS = "crowdsky";

/**
 * @param {ArrayBuffer} buffer the file
 * @returns {Promise<{facts: object, values: Uint16Array}>} the facts of its text chunk, and the planes one after the other
 * @throws {Error} when it is no such file
 */
export async function readPreview(buffer) {
  const { header, pieces, facts } = chunksOf(new Uint8Array(buffer));
  if (header === null || facts === null) {
    throw new Error("the preview of the stack is not one of ours");
  }
  const inflated = await inflate(pieces);
  return { facts, values: unfiltered(inflated, header.width, header.height) };
}

function chunksOf(bytes) {
  if (SIGNATURE.some((byte, place) => bytes[place] !== byte)) {
    throw new Error("the preview of the stack is no PNG");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = { header: null, pieces: [], facts: null };
  for (let start = SIGNATURE.length; start + 12 <= bytes.length; ) {
    const length = view.getUint32(start);
    const name = String.fromCharCode(...bytes.subarray(start + 4, start + 8));
    const body = bytes.subarray(start + 8, start + 8 + length);
    if (name === "IHDR") {
      const isGrey16 = body[8] === 16 && body[9] === 0 && body[12] === 0;
      found.header = isGrey16 ? { width: view.getUint32(start + 8), height: view.getUint32(start + 12) } : null;
    } else if (name === "IDAT") {
      found.pieces.push(body);
    } else if (name === "tEXt") {
      found.facts ??= factsOf(body);
    }
    start += 12 + length;
  }
  return found;
}

function factsOf(body) {
  const end = body.indexOf(0);
  const [key, text] = [body.subarray(0, end), body.subarray(end + 1)].map((part) => new TextDecoder("latin1").decode(part));
  return key === FACTS ? JSON.parse(text) : null;
}

async function inflate(pieces) {
  const stream = new Blob(pieces).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Undoes the filters of the lines (PNG specification, third edition, section 9). */
function unfiltered(bytes, width, height) {
  const length = width * BYTES_OF_A_VALUE;
  if (bytes.length !== height * (length + 1)) {
    throw new Error("the preview of the stack is cut off");
  }
  const values = new Uint16Array(width * height);
  let above = new Uint8Array(length);
  for (let row = 0; row < height; row++) {
    const start = row * (length + 1);
    const line = bytes.subarray(start + 1, start + 1 + length);
    undo(bytes[start], line, above);
    for (let column = 0; column < width; column++) {
      values[row * width + column] = (line[2 * column] << 8) | line[2 * column + 1];
    }
    above = line;
  }
  return values;
}

function undo(filter, line, above) {
  const reach = BYTES_OF_A_VALUE;
  for (let place = 0; place < line.length; place++) {
    const left = place < reach ? 0 : line[place - reach];
    const corner = place < reach ? 0 : above[place - reach];
    if (filter === 1) {
      line[place] += left;
    } else if (filter === 2) {
      line[place] += above[place];
    } else if (filter === 3) {
      line[place] += (left + above[place]) >> 1;
    } else if (filter === 4) {
      line[place] += paeth(left, above[place], corner);
    }
  }
}

function paeth(left, up, corner) {
  const [toLeft, toUp, toCorner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (toLeft <= toUp && toLeft <= toCorner) {
    return left;
  }
  return toUp <= toCorner ? up : corner;
}
