// The kernel playground of lessons 00, 06 and 07, drawn and computed in the page.
//
//   1. Arithmetic    the formulas of the lessons as pure functions; a test runs them under
//                    Node beside helpers/transposed.py and asks for equal numbers
//   2. State         what Python and the page share, and how each action changes it
//   3. Numbers       how a number is written and coloured
//   4. Parts         small pieces of the picture; each is made once and then updated
//   5. Panels        the three views, the training half, the sizes
//   6. Life          render (one view) and initialize (one model)
//
// A picture is an array of rows, picture[row][column]. The kernel is [[c1, c2], [c3, c4]],
// the image [[p1, p2], [p3, p4]], the target [[q1, q2, q3], [q4, q5, q6], [q7, q8, q9]].

// ================================================================== 1. Arithmetic

const range = (n) => Array.from({ length: n }, (_, index) => index);
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** A height × width picture whose pixels are value(row, column). */
export function makePicture(height, width, value) {
  return range(height).map((row) => range(width).map((column) => value(row, column)));
}

/** [height, width]. */
export const shapeOf = (picture) => [picture.length, picture[0].length];

/** The pixel at (row, column); 0 outside of the picture. */
const pixelAt = (picture, row, column) => picture[row]?.[column] ?? 0;

/** The kernel turned by 180°. */
export const turn = (kernel) => [...kernel].reverse().map((row) => [...row].reverse());

/** ⟨x, y⟩: the sum of the products of pixels in equal places. */
export const innerProduct = (x, y) => {
  const other = y.flat();
  return sum(x.flat().map((pixel, n) => pixel * other[n]));
};

/** o' = s (i − 1) + k − 2 p + a for the transpose, o = ⌊(i + 2 p − k) / s⌋ + 1 forward. */
export function outputSize(
  inputSize,
  kernelSize,
  { stride = 1, padding = 0, outputPadding = 0, transposed = true } = {},
) {
  if (transposed) return stride * (inputSize - 1) + kernelSize - 2 * padding + outputPadding;
  return Math.floor((inputSize + 2 * padding - kernelSize) / stride) + 1;
}

/** Why a transposed convolution of these sizes is impossible; "" if it is possible. */
export function sizeProblem(imageSize, kernelSize, { stride, padding, outputPadding }) {
  if (outputPadding >= stride) {
    return (
      `The output padding a = ${outputPadding} must be smaller than the stride s = ${stride}: ` +
      `the floor of the forward formula drops at most s − 1 = ${stride - 1}, ` +
      "so there is no more to give back."
    );
  }
  const whole = outputSize(imageSize, kernelSize, { stride, outputPadding });
  const size = whole - 2 * padding;
  if (size >= 1) return "";
  return (
    `The padding p = ${padding} crops 2·${padding} = ${2 * padding} of only ${whole} rows and ` +
    `columns, so no pixel is left (o' = ${String(size).replace("-", "−")}). ` +
    `With these sizes p can be at most ${Math.floor((whole - 1) / 2)}.`
  );
}

function outputShape(imageShape, kernelShape, settings) {
  const shape = [0, 1].map((axis) => outputSize(imageShape[axis], kernelShape[axis], settings));
  const { stride = 1, outputPadding = 0 } = settings;
  if (outputPadding >= stride || Math.min(...shape) < 1) {
    throw new RangeError(`impossible setting: the output would be ${shape.join(" × ")}`);
  }
  return shape;
}

/** Enlarge an image in one of three ways, which agree: "stamp", "matrix" or "slide". */
export function transposedConvolution(
  image,
  kernel,
  { stride = 1, padding = 0, outputPadding = 0, view = "stamp" } = {},
) {
  const settings = { stride, padding, outputPadding };
  const shape = outputShape(shapeOf(image), shapeOf(kernel), settings);
  return VIEWS[view](image, kernel, shape, settings);
}

const VIEWS = { stamp: stampView, matrix: matrixView, slide: slideView };

/** View 1. Every pixel adds a copy of the kernel: out[s i + a, s j + b] += c[a, b] p[i, j]. */
function stampView(image, kernel, [height, width], { stride, padding }) {
  const output = makePicture(height, width, () => 0);
  image.forEach((pixels, i) =>
    pixels.forEach((pixel, j) =>
      kernel.forEach((entries, a) =>
        entries.forEach((entry, b) => {
          const [row, column] = [stride * i + a - padding, stride * j + b - padding];
          if (row in output && column in output[row]) output[row][column] += entry * pixel;
        }),
      ),
    ),
  );
  return output;
}

/** View 2. Multiply by Cᵀ, the transpose of the matrix that leads from the output back. */
function matrixView(image, kernel, [height, width], { stride, padding }) {
  const matrix = convolutionMatrix(kernel, [height, width], { stride, padding });
  const pixels = image.flat();
  return makePicture(height, width, (row, column) =>
    sum(pixels.map((pixel, n) => matrix[n][row * width + column] * pixel)),
  );
}

/** View 3. Spread the pixels with zeros, pad, and slide the kernel turned by 180° over it. */
function slideView(image, kernel, [height, width], { stride, padding }) {
  const [kernelHeight, kernelWidth] = shapeOf(kernel);
  const spread = makePicture(
    stride * (image.length - 1) + 1,
    stride * (image[0].length - 1) + 1,
    (row, column) => (row % stride || column % stride ? 0 : image[row / stride][column / stride]),
  );
  const padded = makePicture(height + kernelHeight - 1, width + kernelWidth - 1, (row, column) =>
    pixelAt(spread, row + padding - kernelHeight + 1, column + padding - kernelWidth + 1),
  );
  return crossCorrelation(padded, turn(kernel));
}

/** Slide a kernel, as it is, over a picture; sum the products where they overlap. */
export function crossCorrelation(picture, kernel) {
  const [[height, width], [kernelHeight, kernelWidth]] = [picture, kernel].map(shapeOf);
  return makePicture(height - kernelHeight + 1, width - kernelWidth + 1, (row, column) => {
    let total = 0;
    kernel.forEach((entries, a) =>
      entries.forEach((entry, b) => {
        total += entry * picture[row + a][column + b];
      }),
    );
    return total;
  });
}

/** C, the matrix of the forward cross-correlation, as rows; 4 × 9 for 2×2 on 3×3. */
export function convolutionMatrix(kernel, [height, width], { stride = 1, padding = 0 } = {}) {
  const [smallHeight, smallWidth] = [height, width].map((size, axis) =>
    outputSize(size, shapeOf(kernel)[axis], { stride, padding, transposed: false }),
  );
  return makePicture(smallHeight * smallWidth, height * width, (n, m) => {
    const a = Math.floor(m / width) - stride * Math.floor(n / smallWidth) + padding;
    const b = (m % width) - stride * (n % smallWidth) + padding;
    return pixelAt(kernel, a, b);
  });
}

/** How many kernel stamps reach each output pixel: the transpose of ones by ones. */
export function overlapCounts(imageShape, kernelShape, settings = {}) {
  const ones = ([height, width]) => makePicture(height, width, () => 1);
  return transposedConvolution(ones(imageShape), ones(kernelShape), settings);
}

/** The first and last row (or column) of the output that no border of the image disturbs. */
export function undisturbedRange(imageSize, kernelSize, { stride, padding, outputPadding }) {
  const size = outputSize(imageSize, kernelSize, { stride, padding, outputPadding });
  const first = Math.max(kernelSize - stride - padding, 0);
  const last = Math.min(stride * imageSize - 1 - padding, size - 1);
  return [first, last];
}

/** Nearest-neighbour resize to `shape`, then an ordinary convolution that keeps the size. */
export function resizeThenConvolve(image, kernel, [height, width]) {
  const [imageHeight, imageWidth] = shapeOf(image);
  const [kernelHeight, kernelWidth] = shapeOf(kernel);
  const top = Math.floor((kernelHeight - 1) / 2);
  const left = Math.floor((kernelWidth - 1) / 2);
  const clip = (index, size) => Math.min(Math.max(index, 0), size - 1);
  const resized = makePicture(height + kernelHeight - 1, width + kernelWidth - 1, (row, column) => {
    const y = clip(row - top, height); // beyond the edge the outermost pixel is repeated
    const x = clip(column - left, width);
    return image[Math.floor((y * imageHeight) / height)][Math.floor((x * imageWidth) / width)];
  });
  return crossCorrelation(resized, turn(kernel));
}

// ------------------------------------------------------------ the nine-term loss

/** q − prediction, pixel by pixel, for every image: n rows of nine. */
export function nineResiduals(kernel, images, targets) {
  const [c1, c2, c3, c4] = kernel.flat();
  return images.map((image, n) => {
    const [p1, p2, p3, p4] = image.flat();
    const [q1, q2, q3, q4, q5, q6, q7, q8, q9] = targets[n].flat();
    return [
      q1 - c1 * p1,
      q2 - (c2 * p1 + c1 * p2),
      q3 - c2 * p2,
      q4 - (c3 * p1 + c1 * p3),
      q5 - (c4 * p1 + c3 * p2 + c2 * p3 + c1 * p4),
      q6 - (c4 * p2 + c2 * p4),
      q7 - c3 * p3,
      q8 - (c4 * p3 + c3 * p4),
      q9 - c4 * p4,
    ];
  });
}

/** L: the squared residuals, summed over the nine pixels and over the images. */
export function nineTermLoss(kernel, images, targets) {
  return sum(
    nineResiduals(kernel, images, targets)
      .flat()
      .map((residual) => residual ** 2),
  );
}

/** [[dL/dc1, dL/dc2], [dL/dc3, dL/dc4]]. */
export function kernelGradient(kernel, images, targets) {
  const residuals = nineResiduals(kernel, images, targets);
  const terms = images.map((image, n) => {
    const [p1, p2, p3, p4] = image.flat();
    const [r1, r2, r3, r4, r5, r6, r7, r8, r9] = residuals[n];
    return [
      r1 * p1 + r2 * p2 + r4 * p3 + r5 * p4,
      r2 * p1 + r3 * p2 + r5 * p3 + r6 * p4,
      r4 * p1 + r5 * p2 + r7 * p3 + r8 * p4,
      r5 * p1 + r6 * p2 + r8 * p3 + r9 * p4,
    ];
  });
  return makePicture(2, 2, (a, b) => -2 * sum(terms.map((term) => term[2 * a + b])));
}

/** [[dL/dp1, dL/dp2], [dL/dp3, dL/dp4]] for every image. */
export function imageGradient(kernel, images, targets) {
  const [c1, c2, c3, c4] = kernel.flat();
  return nineResiduals(kernel, images, targets).map(([r1, r2, r3, r4, r5, r6, r7, r8, r9]) => [
    [-2 * (r1 * c1 + r2 * c2 + r4 * c3 + r5 * c4), -2 * (r2 * c1 + r3 * c2 + r5 * c3 + r6 * c4)],
    [-2 * (r4 * c1 + r5 * c2 + r7 * c3 + r8 * c4), -2 * (r5 * c1 + r6 * c2 + r8 * c3 + r9 * c4)],
  ]);
}

/** The same slopes by central differences, (L(c + h) − L(c − h)) / 2h.
 *  L is a quadratic in c, so they are exact for every h; a large one keeps rounding small. */
export function finiteDifferenceGradient(kernel, images, targets, h = 0.1) {
  const lossWith = (a, b, change) => {
    const moved = kernel.map((row) => [...row]);
    moved[a][b] += change;
    return nineTermLoss(moved, images, targets);
  };
  return makePicture(2, 2, (a, b) => (lossWith(a, b, h) - lossWith(a, b, -h)) / (2 * h));
}

/** A with prediction = A c: its columns are what each kernel entry alone makes. */
export function designMatrix(images) {
  const units = range(4).map((n) => makePicture(2, 2, (a, b) => (2 * a + b === n ? 1 : 0)));
  const columns = units.map((unit) =>
    images.flatMap((image) => transposedConvolution(image, unit).flat()),
  );
  return makePicture(9 * images.length, 4, (row, column) => columns[column][row]);
}

/** AᵀA. */
function gramMatrix(matrix) {
  const width = matrix[0].length;
  return makePicture(width, width, (i, j) => sum(matrix.map((row) => row[i] * row[j])));
}

/** The kernel with the smallest loss: AᵀA c = Aᵀq, solved by elimination.
 *  AᵀA is invertible unless every pixel is zero; then any kernel is as good as zeros. */
export function bestKernel(images, targets) {
  const design = designMatrix(images);
  const q = targets.flat(2);
  const size = Math.max(...design.flat().map(Math.abs));
  if (size < 1e-150) return makePicture(2, 2, () => 0); // its square would vanish
  const scaled = design.map((row) => row.map((entry) => entry / size));
  const right = range(4).map((j) => sum(scaled.map((row, n) => row[j] * q[n])));
  const entries = solve(gramMatrix(scaled), right).map((entry) => entry / size);
  return makePicture(2, 2, (a, b) => entries[2 * a + b]);
}

/** Solve a small linear system by Gaussian elimination with row exchanges. */
function solve(matrix, right) {
  const rows = matrix.map((row, n) => [...row, right[n]]);
  const count = rows.length;
  for (const k of range(count)) {
    const pivot = range(count - k)
      .map((n) => n + k)
      .reduce((best, n) => (Math.abs(rows[n][k]) > Math.abs(rows[best][k]) ? n : best), k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let n = k + 1; n < count; n += 1) {
      const factor = rows[n][k] / rows[k][k];
      rows[n] = rows[n].map((entry, j) => entry - factor * rows[k][j]);
    }
  }
  const solution = Array(count).fill(0);
  for (const k of range(count).reverse()) {
    const known = sum(range(count).map((j) => (j > k ? rows[k][j] * solution[j] : 0)));
    solution[k] = (rows[k][count] - known) / rows[k][k];
  }
  return solution;
}

/** The largest eigenvalue of a symmetric matrix without negative ones: squaring it again and
 *  again leaves only the direction that it stretches most. */
function largestEigenvalue(matrix) {
  const trace = (m) => sum(m.map((row, n) => row[n]));
  const times = (a, b) =>
    makePicture(a.length, a.length, (i, j) => sum(a[i].map((x, n) => x * b[n][j])));
  if (trace(matrix) === 0) return 0;
  let power = matrix;
  for (let n = 0; n < 50; n += 1) {
    const size = trace(power);
    power = power.map((row) => row.map((entry) => entry / size));
    power = times(power, power);
  }
  return trace(times(matrix, power)) / trace(power);
}

/** 2/λ_max of the Hessian 2AᵀA: descent settles with every smaller step, never with a larger. */
export function largestStableStep(images) {
  return 1 / largestEigenvalue(gramMatrix(designMatrix(images)));
}

// ------------------------------------------------------- pictures for the sizes panel

/** Park and Miller's generator: the same "random" numbers in the page and in Python. */
export function lehmer(count, seed = 20240229) {
  let x = seed;
  return range(count).map(() => {
    x = (16807 * x) % 2147483647;
    return x / 2147483647;
  });
}

export const KERNEL_PATTERNS = {
  ones: (k) => makePicture(k, k, () => 1),
  bump: (k) => makePicture(k, k, (a, b) => Math.min(a + 1, k - a) * Math.min(b + 1, k - b)),
  random: (k) => {
    const numbers = lehmer(k * k);
    return makePicture(k, k, (a, b) => 2 * numbers[a * k + b] - 1);
  },
};

export const IMAGE_PATTERNS = {
  flat: (i) => makePicture(i, i, () => 1),
  ramp: (i) => makePicture(i, i, (row, column) => (row + column + 1) / (2 * i - 1)),
  dot: (i) => {
    const middle = Math.floor((i - 1) / 2);
    return makePicture(i, i, (row, column) => (row === middle && column === middle ? 1 : 0));
  },
  random: (i) => {
    const numbers = lehmer(i * i);
    return makePicture(i, i, (row, column) => numbers[row * i + column]);
  },
};

// ======================================================================= 2. State

/** Cells hold numbers between −LIMIT and LIMIT; the Python side asks for the same. */
export const LIMIT = 1e6;
export const MAX_STEPS = 1000;
const MILLISECONDS_PER_STEP = 80;

export const TRAITS = [
  "kernel",
  "image",
  "target",
  "turned",
  "letters",
  "selected",
  "chosen",
  "panel",
  "compact",
  "step_size",
  "start_kernel",
  "end_kernel",
  "loss_history",
  "running",
  "image_size",
  "kernel_size",
  "stride",
  "padding",
  "output_padding",
  "image_pattern",
  "kernel_pattern",
];

const readState = (model) => Object.fromEntries(TRAITS.map((name) => [name, model.get(name)]));

/** Tell the model, and through it Python and every other view, what has changed. */
function change(model, changes) {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  model.save_changes();
}

const PICTURE_OF = { c: "kernel", p: "image", q: "target" };

/** "c3" → ["kernel", 1, 0]. */
function placeOf(name, state) {
  const trait = PICTURE_OF[name[0]];
  const width = state[trait][0].length;
  const n = Number(name.slice(1)) - 1;
  return [trait, Math.floor(n / width), n % width];
}

function cellValue(state, name) {
  const [trait, row, column] = placeOf(name, state);
  return state[trait][row][column];
}

const lossOf = ({ kernel, image, target }) => nineTermLoss(kernel, [image], [target]);

/** A change of kernel, image or target by hand: a new problem, so a new descent begins. */
function withPictures(state, pictures) {
  const next = { ...state, ...pictures };
  return {
    ...pictures,
    start_kernel: next.kernel,
    end_kernel: next.kernel,
    loss_history: [lossOf(next)],
    running: false,
  };
}

/** Set one cell, "c1" … "q9". */
function withCell(state, name, value) {
  const [trait, row, column] = placeOf(name, state);
  const picture = state[trait].map((pixels) => [...pixels]);
  picture[row][column] = value;
  return withPictures(state, { [trait]: picture });
}

/** kernel − step · gradient. */
export function descended(state) {
  const gradient = kernelGradient(state.kernel, [state.image], [state.target]);
  return state.kernel.map((row, a) => row.map((c, b) => c - state.step_size * gradient[a][b]));
}

const leavesLimits = (picture) => !picture.flat().every((entry) => Math.abs(entry) <= LIMIT);

/** One descent step, or a stop where none is possible. */
function withStep(state) {
  const kernel = descended(state);
  if (leavesLimits(kernel) || state.loss_history.length > MAX_STEPS) return { running: false };
  const loss = lossOf({ ...state, kernel });
  return { kernel, end_kernel: kernel, loss_history: [...state.loss_history, loss] };
}

/** Back to where this descent began. */
const withReset = (state) => withPictures(state, { kernel: state.start_kernel });

/** How the descent stands: "start", "going", "arrived", "rising", "diverged" or "full". */
export function descentStatus(state) {
  const losses = state.loss_history;
  const images = [state.image];
  const optimum = bestKernel(images, [state.target]);
  const best = nineTermLoss(optimum, images, [state.target]);
  const loss = lossOf(state);
  const limit = largestStableStep(images);
  const taken = losses.length - 1;
  const arrived = loss - best <= 1e-12 * (1 + best);
  const tooLarge = state.step_size > limit;
  const rising = tooLarge && taken > 0 && losses[taken] > losses[taken - 1];
  let kind = "going";
  if (leavesLimits(descended(state))) kind = "diverged";
  else if (arrived) kind = "arrived";
  else if (taken >= MAX_STEPS) kind = "full";
  else if (rising) kind = "rising";
  else if (taken === 0) kind = "start";
  return { kind, taken, loss, best, limit, tooLarge };
}

/** One tick of "Run": later steps come in larger bundles, so that slow descents arrive too. */
function advance(model) {
  let state = readState(model);
  const steps = 1 + Math.floor(state.loss_history.length / 50);
  for (let n = 0; n < steps && state.running; n += 1) {
    state = { ...state, ...withStep(state) };
    if (["arrived", "diverged", "full"].includes(descentStatus(state).kind)) state.running = false;
  }
  change(model, {
    kernel: state.kernel,
    end_kernel: state.end_kernel,
    loss_history: state.loss_history,
    running: state.running,
  });
}

const tenths = () => Math.round(20 * Math.random() - 10) / 10; // −1, −0.9, …, 1
export const KERNEL_PRESETS = {
  identity: () => [
    [1, 0],
    [0, 0],
  ],
  blur: () => [
    [0.25, 0.25],
    [0.25, 0.25],
  ],
  edge: () => [
    [1, -1],
    [1, -1],
  ],
  checkerboard: () => [
    [1, -1],
    [-1, 1],
  ],
  random: () => makePicture(2, 2, tenths),
  "target's own": ({ image, target }) => bestKernel([image], [target]),
};

export const TARGET_PRESETS = {
  cross: () => [
    [0, 1, 0],
    [1, 1, 1],
    [0, 1, 0],
  ],
  ring: () => [
    [1, 1, 1],
    [1, 0, 1],
    [1, 1, 1],
  ],
  random: () => makePicture(3, 3, tenths),
  "made by a kernel": ({ image }) =>
    transposedConvolution(image, [
      [1, -0.5],
      [0.5, 2],
    ]),
};

// ===================================================================== 3. Numbers

const withMinus = (text) => text.replace(/-/g, "−");

/** Write a number in at most `room` characters: −12.34, 0.5, 1250, 3.1e7. */
export function formatNumber(value, room = 6) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-9) return "0.00"; // rounding, not an exact zero
  if (size >= 0.005 && size < 10 ** room) {
    for (const digits of [2, 1, 0]) {
      const text = value.toFixed(digits);
      if (text.length > room && digits > 0) continue;
      if (text.length > room) break;
      const exact = Math.abs(Number(text) - value) <= 1e-9 * size;
      const shown = exact && text.includes(".") ? text.replace(/\.?0+$/, "") : text;
      return withMinus(shown);
    }
  }
  const [mantissa, exponent] = value.toExponential(1).split("e");
  const long = `${mantissa.replace(/\.0$/, "")}e${Number(exponent)}`;
  const short = `${Number(mantissa).toFixed(0)}e${Number(exponent)}`;
  return withMinus(long.length <= Math.max(room, 5) ? long : short);
}

/** A number with four significant digits, small ones too: 0.0001234, 1.235e12. */
function formatPrecisely(value, digits = 4) {
  const size = Math.abs(value);
  if (size < 1e-12) return "0";
  if (size === Infinity) return "∞";
  if (size >= 1e-4 && size < 1e6) return withMinus(String(Number(value.toPrecision(digits))));
  return withMinus(Number(value.toPrecision(4)).toExponential().replace("+", ""));
}

const inBrackets = (text) => (text.startsWith("−") ? `(${text})` : text);

/** Roughly how wide a text is, in units of its font size. */
function textWidth(text) {
  const count = (pattern) => (text.match(pattern) ?? []).length;
  return 0.65 * text.length - 0.31 * count(/[.,·]/g) + 0.2 * count(/[−×]/g);
}

let theme = "light"; // as pageTheme found it at the last redraw

// Orange for positive, blue for negative, paler towards zero: safe for every kind of colour
// vision, and the sign is always written on the cell too.
const PALETTES = {
  light: { zero: [255, 255, 255], plus: [213, 94, 0], minus: [0, 94, 160], much: [13, 60, 110] },
  dark: { zero: [36, 41, 48], plus: [255, 170, 60], minus: [86, 180, 255], much: [150, 215, 255] },
};

const mix = (from, to, share) =>
  from.map((channel, n) => Math.round(channel + share * (to[n] - channel)));

function luminance(colour) {
  const [r, g, b] = colour.map((channel) => {
    const x = channel / 255;
    return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white, whichever stands out more on a colour. */
function inkOn(colour) {
  const light = luminance(colour);
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? "#000000" : "#ffffff";
}

const toCss = (colour) => `rgb(${colour.join(", ")})`;

/** The colour of a share, −1 … 1, of a picture's own largest value. */
function shareColour(share) {
  const { zero, plus, minus } = PALETTES[theme];
  return mix(zero, share < 0 ? minus : plus, Math.abs(share));
}

/** The colour of a value: the same number has the same colour all over the playground. */
const valueColour = (value) => shareColour(value / (Math.abs(value) + 2));

/** The colour of a share, 0 … 1, of the largest count. */
const countColour = (share) => mix(PALETTES[theme].zero, PALETTES[theme].much, share);

// ======================================================================= 4. Parts

/** An HTML element with attributes and children. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** An SVG element. */
function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Writing to the page only what differs keeps a redraw far below one frame.
const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};
const setAttribute = (node, name, value) => {
  if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
};

/** Write a text that, where it is too long for its cell, is squeezed to `room` font sizes. */
function setSqueezed(node, text, room) {
  setText(node, text);
  const squeeze = Math.min(1, room / textWidth(text));
  node.style.transform = squeeze < 1 ? `scaleX(${squeeze.toFixed(3)})` : "";
}

const MARKS = ["●", "▲", "■", "◆"]; // of p1, p2, p3 and p4, and of the entries they meet

/** Colour a cell by its value; null takes the colour away. */
function fillCell(node, value) {
  const colour = value === null ? null : valueColour(value);
  node.style.background = colour ? toCss(colour) : "";
  node.style.color = colour ? inkOn(colour) : "";
}

/** Frame a cell: as the 0th … 3rd product, as their "sum", as a "zero" factor; null: not. */
function setLit(node, lit) {
  if (lit === null) node.removeAttribute("data-lit");
  else setAttribute(node, "data-lit", lit);
}

const cellName = (letter, n) => `${letter}${n + 1}`;

/** One square of a picture: a fill and a number; a frame and a mark where it is lit.
 *  A text wider than `room` font sizes is squeezed. */
function makeCell(room, tag = "div", attributes = {}) {
  const number = el("span", { class: "kp-number" });
  const factor = el("span", { class: "kp-factor" });
  const mark = el("span", { class: "kp-mark", "aria-hidden": "true" });
  const node = el(tag, { class: "kp-cell", ...attributes }, number, factor, mark);
  let drawn = "";
  return {
    node,
    /** value colours the cell (null: nothing does); `under` is a second line. */
    show({ text, value = null, lit = null, under = "" }) {
      const key = `${text}|${value}|${lit}|${under}|${theme}`;
      if (key === drawn) return;
      drawn = key;
      setSqueezed(number, text, room);
      setSqueezed(factor, under, room);
      setText(mark, MARKS[lit] ?? "");
      fillCell(node, value);
      setLit(node, lit);
    },
  };
}

const outputPixel = (row, column) => 3 * row + column + 1;

/** A grid of cells that are looked at. `pixels` says which output pixel a click chooses. */
function makeGrid(rows, columns, { className = "", label, room = 2, pixels = () => null }) {
  const cells = range(rows * columns).map((n) => {
    const pixel = pixels(Math.floor(n / columns), n % columns);
    return makeCell(room, "div", pixel === null ? {} : { "data-pixel": pixel });
  });
  const node = el(
    "div",
    {
      class: `kp-grid ${className}`,
      style: `--columns: ${columns}`,
      role: "img",
      "aria-label": label,
    },
    ...cells.map((cell) => cell.node),
  );

  /** Show a picture's numbers in at most `digits` characters, or the letters in their place. */
  function showNumbers(values, { digits = 5, lit = () => null, letters = null } = {}) {
    const texts = values.map((value) => formatNumber(value, digits));
    values.forEach((value, n) => {
      cells[n].show({ text: letters ? letters[n] : texts[n], value, lit: lit(n) });
    });
    setAttribute(node, "aria-label", `${label}: ${texts.join(", ")}`);
  }
  return { node, cells, showNumbers };
}

/** A labelled block. */
function makeBlock(title, ...children) {
  const heading = el("div", { class: "kp-title" }, title);
  return { node: el("div", { class: "kp-block" }, heading, ...children), heading };
}

const sign = (text) => el("div", { class: "kp-sign", "aria-hidden": "true" }, text);

/** A grid of cells that can be typed in, dragged up and down, and moved by the arrow keys. */
function makeEditableGrid(letter, title, size, ctx) {
  const fields = range(size * size).map((n) => makeField(cellName(letter, n), title, ctx));
  const node = el(
    "div",
    {
      class: "kp-grid kp-editable",
      style: `--columns: ${size}`,
      role: "group",
      "aria-label": title,
    },
    ...fields.map((field) => field.node),
  );
  return {
    node,
    update: (state, lit) => fields.forEach((field, n) => field.update(state, lit[n] ?? null)),
  };
}

/** "−1,5" → −1.5; anything that is no number within the limits → null. */
function parseNumber(text) {
  const plain = text.trim().replace(/−/g, "-").replace(",", ".");
  const value = Number(plain);
  return plain !== "" && Math.abs(value) <= LIMIT ? value : null;
}

const limited = (value) => Math.min(Math.max(Number(value.toPrecision(12)), -LIMIT), LIMIT);

const KEY_STEPS = { ArrowUp: 0.1, ArrowDown: -0.1, PageUp: 1, PageDown: -1 };
const PIXELS_PER_TENTH = 4; // of a drag

/** One editable cell. */
function makeField(name, title, ctx) {
  const input = el("input", {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    role: "spinbutton",
    "aria-label": `${title} ${name}`,
    "data-cell": name,
  });
  const label = el("span", { class: "kp-name", "aria-hidden": "true" }, name);
  const mark = el("span", { class: "kp-mark", "aria-hidden": "true" });
  const node = el("div", { class: "kp-cell kp-field" }, label, input, mark);
  const value = () => cellValue(ctx.state(), name);
  const set = (number) => ctx.apply((state) => withCell(state, name, limited(number)));
  let typing = false;
  let before = null; // what was typed over, for Escape

  const choose = () => {
    if (ctx.state().chosen !== name) ctx.set({ chosen: name });
  };
  const finish = () => {
    if (!typing) return;
    typing = false;
    if (parseNumber(input.value) === null) {
      const given = input.value.slice(0, 20);
      ctx.notice(
        `“${given}” is no number within ±1,000,000; ${name} stays ${formatPrecisely(value())}.`,
      );
    }
    node.classList.remove("kp-wrong");
    ctx.draw();
  };

  input.addEventListener("focus", () => {
    choose();
    input.select();
  });
  input.addEventListener("input", () => {
    if (!typing) before = value();
    typing = true;
    const number = parseNumber(input.value);
    node.classList.toggle("kp-wrong", number === null);
    if (number !== null) set(number);
  });
  input.addEventListener("blur", finish);
  input.addEventListener("keydown", (event) => {
    if (event.key in KEY_STEPS) {
      typing = false;
      set(value() + KEY_STEPS[event.key] * (event.shiftKey ? 10 : 1));
      event.preventDefault();
    } else if (event.key === "Enter") {
      finish();
      input.select();
    } else if (event.key === "Escape" && typing) {
      typing = false;
      node.classList.remove("kp-wrong");
      set(before);
    }
  });
  addDragging(node, {
    start: value,
    move: (from, pixels) => set(Math.round(10 * from + pixels / PIXELS_PER_TENTH) / 10),
    press: () => {
      typing = false;
      choose();
    },
    click: () => input.focus(),
  });

  let drawn = "";
  return {
    node,
    update(state, lit) {
      const number = cellValue(state, name);
      const text = formatNumber(number);
      const chosen = state.chosen === name;
      if (!typing && input.value !== text) {
        input.value = text;
        if (input.matches(":focus")) input.select();
      }
      const key = `${number}|${lit}|${chosen}|${theme}`;
      if (key === drawn) return;
      drawn = key;
      fillCell(node, number);
      node.classList.toggle("kp-chosen", chosen);
      input.style.fontSize = `${Math.min(1, 3.1 / textWidth(text)).toFixed(2)}em`;
      setText(mark, MARKS[lit] ?? "");
      setLit(node, lit);
      setAttribute(input, "aria-valuenow", number);
    },
  };
}

/** Vertical dragging with mouse, pen or finger; a press without a move counts as a click. */
function addDragging(node, { start, move, press, click }) {
  let from = null;
  let dragged = false;
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    from = { y: event.clientY, value: start() };
    dragged = false;
    press();
    node.setPointerCapture(event.pointerId);
    if (!node.querySelector(":focus")) event.preventDefault();
  });
  // The mouse's own press would put the caret, and select text, in the middle of a drag.
  node.addEventListener("mousedown", (event) => {
    if (!node.querySelector(":focus")) event.preventDefault();
  });
  node.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const pixels = from.y - event.clientY;
    if (!dragged && Math.abs(pixels) < PIXELS_PER_TENTH) return;
    dragged = true;
    move(from.value, pixels);
  });
  const end = (event) => {
    if (from === null) return;
    from = null;
    if (event.type === "pointerup") click();
  };
  node.addEventListener("pointerup", end);
  node.addEventListener("pointercancel", end);
}

/** An id that is unique on the page, for the labels that name a control. */
const newId = () => `kernel-playground-${Math.random().toString(36).slice(2)}`;

/** A slider with a number box. `scale` maps the slider's position to the value and back;
 *  `bounds` are those of the value, which the box may take beyond the slider's reach. */
function makeControl(
  label,
  { min, max, step, bounds = [min, max], whole = false, scale = null },
  set,
) {
  const id = newId();
  const toValue = scale?.toValue ?? ((position) => position);
  const toPosition = scale?.toPosition ?? ((value) => value);
  const caption = el("label", { for: id, class: "kp-caption" }, label);
  const slider = el("input", { type: "range", id, min, max, step });
  const box = el("input", {
    type: "number",
    min: bounds[0],
    max: bounds[1],
    step: "any",
    "aria-label": label,
  });
  const bounded = (value) => Math.min(Math.max(value, bounds[0]), bounds[1]);
  slider.addEventListener("input", () => set(toValue(Number(slider.value))));
  box.addEventListener("input", () => {
    if (box.value === "") return;
    const value = Number(box.value);
    set(bounded(whole ? Math.round(value) : value));
  });
  box.addEventListener("blur", () => show(shown));
  box.addEventListener("keydown", (event) => {
    if (!(event.key in KEY_STEPS)) return;
    const position = Number(toPosition(shown)) + 10 * KEY_STEPS[event.key] * step;
    set(bounded(limited(toValue(position))));
    event.preventDefault();
  });

  let shown = null;
  function show(value, name = label) {
    shown = value;
    setText(caption, name);
    setAttribute(slider, "aria-valuetext", formatPrecisely(value));
    const position = String(toPosition(value));
    if (slider.value !== position) slider.value = position;
    const text = Number(value.toPrecision(6));
    const busy = box.matches(":focus") && box.value === "";
    if (!busy && Number(box.value) !== text) box.value = text;
    if (box.value === "" && !box.matches(":focus")) box.value = text;
  }
  return {
    node: el("div", { class: "kp-control" }, caption, slider, box),
    slider,
    box,
    caption,
    show,
  };
}

function makeButton(text, press, attributes = {}) {
  const node = el("button", { type: "button", class: "kp-button", ...attributes }, text);
  node.addEventListener("click", press);
  return node;
}

/** A button that is on or off. */
function makeSwitch(text, press) {
  const node = makeButton("", press, { role: "switch", class: "kp-button kp-switch" });
  node.append(el("span", { class: "kp-knob", "aria-hidden": "true" }), text);
  return { node, update: (on) => setAttribute(node, "aria-checked", on) };
}

/** A labelled list to choose from. */
function makeSelect(label, options, set) {
  const id = newId();
  const select = el(
    "select",
    { id },
    ...options.map((name) => el("option", { value: name }, name)),
  );
  select.addEventListener("change", () => set(select.value));
  const node = el(
    "div",
    { class: "kp-control" },
    el("label", { for: id, class: "kp-caption" }, label),
    select,
  );
  return {
    node,
    update: (value) => {
      if (select.value !== value) select.value = value;
    },
  };
}

// ====================================================================== 5. Panels

const isZeroOrOne = (index) => index === 0 || index === 1;

/** The products c·p that make output pixel 1…9, as places (0…3) in the kernel and the image. */
function productsOf(selected) {
  const [row, column] = [Math.floor((selected - 1) / 3), (selected - 1) % 3];
  return range(4)
    .map((p) => ({ p, a: row - Math.floor(p / 2), b: column - (p % 2) }))
    .filter(({ a, b }) => isZeroOrOne(a) && isZeroOrOne(b))
    .map(({ p, a, b }) => ({ p, c: 2 * a + b }));
}

/** The same for the kernel slid over the padded image without turning it. */
function unturnedProductsOf(selected) {
  return productsOf(selected).map(({ p, c }) => ({ p, c: 3 - c }));
}

/** Which pixel lights up each of four kernel entries (or each pixel itself). */
const litBy = (products, key) =>
  range(4).map((n) => products.find((product) => product[key] === n)?.p ?? null);

const inLetters = ({ c, p }) => `c${c + 1}·p${p + 1}`;

const sumInLetters = (products) => products.map(inLetters).join(" + ");

function inNumbers({ c, p }, { kernel, image }) {
  const [entry, pixel] = [kernel.flat()[c], image.flat()[p]].map((x) => formatNumber(x, 7));
  return `${inBrackets(entry)}·${inBrackets(pixel)}`;
}

// ---------------------------------------- the editor: kernel ∗ image = output, and target

function makeEditor(ctx) {
  const kernel = makeEditableGrid("c", "kernel", 2, ctx);
  const image = makeEditableGrid("p", "image", 2, ctx);
  const target = makeEditableGrid("q", "target", 3, ctx);
  const output = makeOutput(ctx);
  const targetBlock = makeBlock("target q", target.node);
  targetBlock.node.classList.add("kp-target");
  const node = el(
    "div",
    { class: "kp-editor" },
    makeBlock("kernel c", kernel.node).node,
    sign("∗"),
    makeBlock("image p", image.node).node,
    sign("="),
    makeBlock("output", output.node).node,
    targetBlock.node,
  );
  return {
    node,
    update(state, scene) {
      kernel.update(state, litBy(scene.products, "c"));
      image.update(state, litBy(scene.products, "p"));
      output.update(state, scene);
      targetBlock.node.hidden = state.compact;
      setText(
        targetBlock.heading,
        state.panel === "training" ? "target q" : "target q (the x below)",
      );
      if (!state.compact) target.update(state, litTarget(state));
    },
  };
}

/** In training the target's pixel is lit beside the output's. */
const litTarget = ({ panel, selected }) =>
  range(9).map((n) => (panel === "training" && n + 1 === selected ? "sum" : null));

/** The 3×3 output: a group of radio buttons, one pixel chosen; arrow keys move the choice. */
function makeOutput(ctx) {
  const cells = range(9).map((n) =>
    makeCell(2.7, "button", { type: "button", role: "radio", "data-pixel": n + 1 }),
  );
  cells.forEach((cell, n) =>
    cell.node.append(el("span", { class: "kp-name", "aria-hidden": "true" }, n + 1)),
  );
  const node = el(
    "div",
    {
      class: "kp-grid kp-output",
      style: "--columns: 3",
      role: "radiogroup",
      "aria-label": "output, choose a pixel",
    },
    ...cells.map((cell) => cell.node),
  );
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  node.addEventListener("keydown", (event) => {
    if (!(event.key in moves)) return;
    event.preventDefault();
    const at = ctx.state().selected - 1;
    const row = Math.min(Math.max(Math.floor(at / 3) + moves[event.key][0], 0), 2);
    const column = Math.min(Math.max((at % 3) + moves[event.key][1], 0), 2);
    ctx.apply(() => ({ selected: outputPixel(row, column) }));
    cells[3 * row + column].node.focus();
  });
  return {
    node,
    update(state, { output }) {
      output.flat().forEach((value, n) => {
        const selected = state.selected === n + 1;
        const text = formatNumber(value);
        cells[n].show({ text, value, lit: selected ? "sum" : null });
        setAttribute(cells[n].node, "aria-checked", selected);
        setAttribute(cells[n].node, "tabindex", selected ? 0 : -1);
        setAttribute(cells[n].node, "aria-label", `output ${n + 1}: ${text}`);
      });
    },
  };
}

const HINT = "Drag a cell up or down, type in it, or press ↑ ↓.";

/** The slider of the chosen cell and the presets. */
function makeToolbar(ctx) {
  const control = makeControl(
    "c1",
    { min: -5, max: 5, step: 0.1, bounds: [-LIMIT, LIMIT] },
    (value) => ctx.apply((state) => withCell(state, state.chosen, value)),
  );
  control.caption.classList.add("kp-chosen-name");
  const hint = el("div", { class: "kp-hint", role: "status" }, HINT);
  const take = (name, trait, picture) => {
    if (leavesLimits(picture))
      ctx.notice(`“${name}” would need numbers beyond a million; nothing has changed.`);
    else ctx.apply((state) => withPictures(state, { [trait]: picture }));
  };
  const preset = (presets, trait) =>
    Object.entries(presets).map(([name, make]) =>
      makeButton(name, () => take(name, trait, make(ctx.state()))),
    );
  const presetRow = (label, ...buttons) =>
    el(
      "div",
      { class: "kp-row kp-presets", role: "group", "aria-label": label },
      el("span", {}, label),
      ...buttons,
    );
  const kernels = presetRow("Kernel:", ...preset(KERNEL_PRESETS, "kernel"));
  const targets = presetRow("Target:", ...preset(TARGET_PRESETS, "target"));
  const pixels = makeButton("random pixels p", () =>
    ctx.apply((state) => withPictures(state, { image: makePicture(2, 2, tenths) })),
  );
  targets.append(pixels);
  const node = el(
    "div",
    { class: "kp-toolbar" },
    el("div", { class: "kp-row" }, control.node, hint),
    kernels,
    targets,
  );
  return {
    node,
    update(state) {
      const value = cellValue(state, state.chosen);
      widenSlider(control.slider, value);
      control.show(value, state.chosen);
      kernels.hidden = state.compact;
      targets.hidden = state.compact || state.panel !== "training";
      setText(hint, ctx.noticeText() || HINT);
      hint.classList.toggle("kp-warning", ctx.noticeText() !== "");
    },
  };
}

/** The slider reaches from −5 to 5, or to the next round number that holds the value. */
function widenSlider(slider, value) {
  const size = Math.abs(value);
  let reach = 5;
  while (reach < size) reach *= reach.toString().startsWith("5") ? 2 : 5;
  if (slider.matches(":active") && reach < Number(slider.max)) return; // not under the hand
  setAttribute(slider, "min", -reach);
  setAttribute(slider, "max", reach);
}

// ------------------------------------------------------------- panel 1: three views

/** "output 5 = c4·p1 + c3·p2 + … = 4·1 + … = 20", each term with the mark of its pixel. */
function makeSum(ctx) {
  const makeTerms = () => range(4).map(() => el("span", { class: "kp-term" }));
  const [letters, numbers] = [makeTerms(), makeTerms()];
  const name = el("b");
  const result = el("b");
  const numberLine = el("div", { class: "kp-sum-numbers" }, "= ", ...numbers, " = ", result);
  const node = el(
    "div",
    { class: "kp-sum", role: "status", "aria-live": "polite" },
    el("div", {}, name, " = ", ...letters),
    numberLine,
  );
  return {
    node,
    update(state, { products, output }) {
      setText(name, `output ${state.selected}`);
      range(4).forEach((n) => {
        const product = products[n];
        const plus = n > 0 ? " + " : "";
        setText(letters[n], product ? `${plus}${MARKS[product.p]} ${inLetters(product)}` : "");
        setText(numbers[n], product ? `${plus}${inNumbers(product, state)}` : "");
      });
      setText(result, formatNumber(output.flat()[state.selected - 1], 9));
      numberLine.style.setProperty("--length", numberLine.textContent.length);
    },
  };
}

function makeCard(number, title, ...children) {
  return el(
    "section",
    { class: "kp-card" },
    el("h3", {}, el("b", {}, number), ` ${title}`),
    ...children,
  );
}

/** View 1: four pictures, the kernel scaled by each pixel and put in that pixel's place. */
function makeStampView() {
  const stamps = range(4).map((p) => {
    const label = `the kernel stamped by p${p + 1}`;
    const grid = makeGrid(3, 3, { className: "kp-stamp", label, pixels: outputPixel });
    const title = el("div", { class: "kp-stamp-title" });
    return { ...grid, title, p };
  });
  const blocks = stamps.map(({ title, node }) => el("div", {}, title, node));
  return {
    node: makeCard("1", "stamp and add", el("div", { class: "kp-stamps" }, ...blocks)),
    update(state) {
      const [kernel, image] = [state.kernel.flat(), state.image.flat()];
      stamps.forEach(({ cells, title, p }) => {
        setSqueezed(title, `${MARKS[p]} p${p + 1} = ${formatNumber(image[p])}`, 6.2);
        cells.forEach((cell, n) => {
          const product = productsOf(n + 1).find((candidate) => candidate.p === p);
          if (!product) {
            cell.show({ text: "" });
            return;
          }
          const value = kernel[product.c] * image[p];
          const text = state.letters ? `c${product.c + 1}p${p + 1}` : formatNumber(value, 5);
          cell.show({ text, value, lit: n + 1 === state.selected ? p : null });
        });
      });
    },
  };
}

/** View 2: the 9×4 matrix Cᵀ times the vector p. */
function makeMatrixView(ctx) {
  const pixels = (row) => row + 1;
  const label = "the 9 by 4 matrix, C transposed";
  const matrix = makeGrid(9, 4, { className: "kp-matrix", label, room: 1.85, pixels });
  const vector = makeGrid(4, 1, { className: "kp-vector", label: "the vector p", room: 1.85 });
  const result = makeGrid(9, 1, { className: "kp-result", label: "outputs", room: 2.6, pixels });
  const column = (title, grid, extra) =>
    el("div", { class: `kp-column ${extra}` }, title, grid.node);
  const marks = el(
    "div",
    { class: "kp-marks", "aria-hidden": "true" },
    ...MARKS.map((mark) => el("span", {}, mark)),
  );
  const lettering = makeSwitch("letters", () =>
    ctx.apply((state) => ({ letters: !state.letters })),
  );
  const card = makeCard(
    "2",
    "Cᵀ times p",
    el(
      "div",
      { class: "kp-product" },
      column(marks, matrix, ""),
      column("p", vector, "kp-middle"),
      sign("="),
      column("out", result, ""),
    ),
  );
  card.querySelector("h3").append(lettering.node);
  return {
    node: card,
    update(state, { products, output, matrix: c }) {
      lettering.update(state.letters);
      const selected = state.selected - 1;
      const lights = litBy(products, "p");
      matrix.cells.forEach((cell, n) => {
        const [row, p] = [Math.floor(n / 4), n % 4];
        const product = productsOf(row + 1).find((candidate) => candidate.p === p);
        if (!product) {
          cell.show({ text: "0" });
          return;
        }
        const value = c[p][row];
        const text = state.letters ? `c${product.c + 1}` : formatNumber(value, 5);
        cell.show({ text, value, lit: row === selected ? p : null });
      });
      const letters = state.letters ? ["p1", "p2", "p3", "p4"] : null;
      vector.showNumbers(state.image.flat(), { lit: (p) => lights[p], letters });
      result.showNumbers(output.flat(), { lit: (n) => (n === selected ? "sum" : null) });
    },
  };
}

/** View 3: a ring of zeros around the image, and the kernel sliding over it. */
function makeSlideView(ctx) {
  const corner = (row, column) => (row < 3 && column < 3 ? outputPixel(row, column) : null);
  const padded = makeGrid(4, 4, {
    className: "kp-padded",
    label: "image in zeros",
    pixels: corner,
  });
  const kernel = makeGrid(2, 2, { className: "kp-turned", label: "the kernel as it slides" });
  const label = "the output of view 3";
  const result = makeGrid(3, 3, { className: "kp-slid", label, pixels: outputPixel });
  const turned = makeSwitch("turned by 180°", () =>
    ctx.apply((state) => ({ turned: !state.turned })),
  );
  const kernelTitle = el("div", {});
  const kind = el("div", { class: "kp-kind" });
  const node = makeCard(
    "3",
    "pad and slide",
    el(
      "div",
      { class: "kp-slide" },
      padded.node,
      el("div", { class: "kp-column" }, kernelTitle, kernel.node),
    ),
    el(
      "div",
      { class: "kp-slide" },
      result.node,
      el("div", { class: "kp-switching" }, turned.node, kind),
    ),
  );
  return {
    node,
    update(state, { slideProducts, slid, output }) {
      const entries = state.turned ? turn(state.kernel).flat() : state.kernel.flat();
      const names = state.turned ? [3, 2, 1, 0] : [0, 1, 2, 3];
      const at = [Math.floor((state.selected - 1) / 3), (state.selected - 1) % 3];
      turned.update(state.turned);
      setText(kind, state.turned ? "convolution" : "cross-correlation");
      setText(kernelTitle, state.turned ? "c turned" : "c as is");
      padded.cells.forEach((cell, n) => {
        const [row, column] = [Math.floor(n / 4), n % 4];
        const inside = isZeroOrOne(row - 1) && isZeroOrOne(column - 1);
        const p = inside ? 2 * (row - 1) + column - 1 : null;
        const [a, b] = [row - at[0], column - at[1]];
        const covered = isZeroOrOne(a) && isZeroOrOne(b);
        const value = inside ? state.image[row - 1][column - 1] : 0;
        const entry = covered ? entries[2 * a + b] : 0;
        const letter = covered ? `c${names[2 * a + b] + 1}` : "";
        const under = covered ? `×${state.letters ? letter : formatNumber(entry, 4)}` : "";
        const text = state.letters && inside ? `p${p + 1}` : formatNumber(value, 5);
        const lit = covered ? (p ?? "zero") : null;
        cell.show({ text, value: inside ? value : null, lit, under });
      });
      kernel.showNumbers(entries, {
        lit: (n) => slideProducts.find(({ c }) => c === names[n])?.p ?? null,
        letters: state.letters ? names.map((n) => cellName("c", n)) : null,
      });
      result.showNumbers(slid.flat(), { lit: (n) => (n + 1 === state.selected ? "sum" : null) });
      slid.flat().forEach((value, n) => {
        const differs = !nearlyEqual(value, output.flat()[n]);
        result.cells[n].node.classList.toggle("kp-differs", differs);
      });
    },
  };
}

const nearlyEqual = (x, y) => Math.abs(x - y) <= 1e-9 * (Math.abs(x) + Math.abs(y));

/** Whether the three views agree, and if not, which one does not and why. */
function verdict(state, { output, slid, slideProducts }) {
  const differing = slid.flat().filter((value, n) => !nearlyEqual(value, output.flat()[n])).length;
  if (state.turned) {
    return "The three views agree. View 3 turns the kernel by 180°, then slides it: a convolution.";
  }
  if (differing === 0) {
    return (
      "View 3 slides the kernel as it is, a cross-correlation, and yet agrees:\n" +
      "this kernel and this image cannot tell the two apart."
    );
  }
  const n = state.selected - 1;
  const [here, there] = [slid.flat()[n], output.flat()[n]].map((x) => formatNumber(x, 9));
  return (
    `View 3 disagrees in ${differing} of 9 pixels (dashed): ` +
    "unturned, the kernel is cross-correlated.\n" +
    `At output ${state.selected}: ${sumInLetters(slideProducts)} = ${here}, not ${there}.`
  );
}

/** ⟨C x, y⟩ = ⟨x, Cᵀ y⟩ with x = q and y = p. */
function makeAdjoint() {
  const grids = {
    cx: makeGrid(2, 2, { label: "C x", room: 2.2 }),
    y: makeGrid(2, 2, { label: "y, the image p", room: 2.2 }),
    x: makeGrid(3, 3, { label: "x, the target q", room: 2.2 }),
    cty: makeGrid(3, 3, { label: "C transposed y, the output", room: 2.2 }),
  };
  const [left, right] = [el("b", { class: "kp-value" }), el("b", { class: "kp-value" })];
  const block = (title, grid) => makeBlock(title, grid.node).node;
  const node = el(
    "section",
    { class: "kp-card kp-adjoint" },
    el("h3", {}, "Cᵀ is the adjoint of C:  ⟨C x, y⟩ = ⟨x, Cᵀ y⟩"),
    el(
      "div",
      { class: "kp-identity" },
      el(
        "div",
        { class: "kp-half" },
        block("C x", grids.cx),
        sign("·"),
        block("y = p", grids.y),
        sign("="),
        left,
      ),
      el(
        "div",
        { class: "kp-half" },
        block("x = q", grids.x),
        sign("·"),
        block("Cᵀ y = output", grids.cty),
        sign("="),
        right,
      ),
    ),
    el(
      "p",
      {},
      "Equal for every kernel, every x and every y. Yet Cᵀ does not undo C: " +
        "it gives back the shape, not the values.",
    ),
  );
  return {
    node,
    update(state, { output }) {
      const small = crossCorrelation(state.target, state.kernel);
      const pictures = { cx: small, y: state.image, x: state.target, cty: output };
      for (const [name, picture] of Object.entries(pictures)) {
        grids[name].showNumbers(picture.flat(), { digits: 6 });
      }
      setText(left, formatPrecisely(innerProduct(small, state.image), 6));
      setText(right, formatPrecisely(innerProduct(state.target, output), 6));
    },
  };
}

function makeViewsPanel(ctx) {
  const parts = [makeStampView(), makeMatrixView(ctx), makeSlideView(ctx)];
  const sentence = el("p", { class: "kp-verdict", role: "status" });
  const adjoint = makeAdjoint();
  const node = el(
    "div",
    { class: "kp-panel" },
    el("div", { class: "kp-cards" }, ...parts.map((part) => part.node)),
    sentence,
    adjoint.node,
  );
  return {
    node,
    update(state, scene) {
      parts.forEach((part) => part.update(state, scene));
      setText(sentence, verdict(state, scene));
      sentence.classList.toggle("kp-warning", !state.turned);
      adjoint.update(state, scene);
    },
  };
}

// --------------------------------------------------------------- panel 2: training

/** Residuals and their squares as heat maps. */
function makeResiduals() {
  const shape = { className: "kp-wide", room: 3.2, pixels: outputPixel };
  const residuals = makeGrid(3, 3, { ...shape, label: "residuals" });
  const squares = makeGrid(3, 3, { ...shape, label: "squared residuals" });
  const loss = el("div", { class: "kp-loss" });
  const node = el(
    "div",
    { class: "kp-half" },
    makeBlock("residuals q − output", residuals.node).node,
    makeBlock("their squares", squares.node, loss).node,
  );
  return {
    node,
    update(state) {
      const [differences] = nineResiduals(state.kernel, [state.image], [state.target]);
      const squared = differences.map((residual) => residual ** 2);
      const lit = (n) => (n + 1 === state.selected ? "sum" : null);
      residuals.showNumbers(differences, { digits: 6, lit });
      squares.showNumbers(squared, { digits: 6, lit });
      setText(loss, `sum L = ${formatPrecisely(lossOf(state))}`);
    },
  };
}

/** The four slopes in the kernel's own layout: an arrow the way the next step goes. */
function makeGradient() {
  const tiles = range(4).map((n) => {
    const shaft = svg("line", { x1: 15, x2: 15, "stroke-width": 6 });
    const head = svg("polygon", {});
    const picture = svg(
      "svg",
      { class: "kp-arrow", viewBox: "0 0 30 60", "aria-hidden": "true" },
      shaft,
      head,
    );
    const [formula, check] = [el("div"), el("div", { class: "kp-check" })];
    const node = el(
      "div",
      { class: "kp-tile" },
      picture,
      el("div", {}, el("div", {}, `dL/dc${n + 1} =`), formula),
      check,
    );
    return { node, shaft, head, formula, check, picture };
  });
  const grid = el("div", { class: "kp-gradient" }, ...tiles.map((tile) => tile.node));
  return {
    node: makeBlock("gradient (≈ finite differences)", grid).node,
    update(state) {
      const data = [state.kernel, [state.image], [state.target]];
      const slopes = kernelGradient(...data).flat();
      const checks = finiteDifferenceGradient(...data).flat();
      const noise = 1e-12 * (1 + lossOf(state)); // below this a difference is rounding alone
      tiles.forEach((tile, n) => {
        const tiny = (value) => (Math.abs(value) < noise ? 0 : value);
        setText(tile.formula, formatPrecisely(tiny(slopes[n])));
        setSqueezed(tile.check, `≈ ${formatPrecisely(tiny(checks[n]))}`, 6);
        drawArrow(tile, -tiny(slopes[n]));
      });
    },
  };
}

/** An arrow up for a growing entry, down for a shrinking one; a dash for no move. */
function drawArrow({ shaft, head, picture }, move) {
  const length = move === 0 ? 0 : 8 + (20 * Math.abs(move)) / (Math.abs(move) + 10);
  const way = move > 0 ? -1 : 1; // up is towards smaller y
  const tip = 30 + way * length;
  setAttribute(shaft, "y1", 30 - way * length * 0.8);
  setAttribute(shaft, "y2", move === 0 ? 30 : tip - way * 8);
  setAttribute(head, "points", `15,${tip} 4,${tip - way * 11} 26,${tip - way * 11}`);
  setAttribute(head, "visibility", move === 0 ? "hidden" : "visible");
  setAttribute(shaft, "x1", move === 0 ? 6 : 15);
  setAttribute(shaft, "x2", move === 0 ? 24 : 15);
  setAttribute(picture, "data-way", move === 0 ? "none" : move > 0 ? "up" : "down");
}

const STEP_LIMIT = "2/\u2060λmax"; // \u2060: no line break here

const DESCENT_SENTENCES = {
  start: () =>
    "No step taken yet. A step moves every c by −(step size)·dL/dc, the way its arrow points.",
  going: ({ loss, best }) =>
    `L is ${formatPrecisely(loss - best)} above the least-squares optimum ${formatPrecisely(best)}.`,
  arrived: ({ best }) =>
    `L has met the least-squares optimum ${formatPrecisely(best)}: no kernel does better.`,
  rising: ({ limit }) =>
    `L is rising: the step size is above ${STEP_LIMIT} = ${formatPrecisely(limit)}, ` +
    "so every step overshoots by more than it gained.",
  diverged: ({ limit, tooLarge }) =>
    "Stopped: the next step would carry the kernel beyond a million." +
    (tooLarge ? ` The step size is above ${STEP_LIMIT} = ${formatPrecisely(limit)}.` : "") +
    " Reset, and try a smaller one.",
  full: () => `Stopped after ${MAX_STEPS} steps. Reset, or change a cell, to begin again.`,
};

/** The descent: buttons, step size, where it stands, and the loss curve. */
function makeDescent(ctx) {
  const one = makeButton("One descent step", () => ctx.apply(withStep), {
    class: "kp-button kp-main",
  });
  const run = makeButton("Run", () =>
    ctx.apply((state) => ({ running: !state.running && !leavesLimits(descended(state)) })),
  );
  const reset = makeButton("Reset", () => ctx.apply(withReset));
  const scale = {
    toValue: (x) => Number((10 ** x).toPrecision(3)),
    toPosition: (value) => Math.log10(value).toFixed(2),
  };
  const stepSize = makeControl(
    "step size",
    { min: -4, max: 0.3, step: 0.05, bounds: [1e-6, 10], scale },
    (value) => ctx.apply(() => ({ step_size: value })),
  );
  const status = el("p", { class: "kp-status", role: "status" });
  const curve = makeLossCurve();
  const node = el(
    "div",
    { class: "kp-descent" },
    el(
      "div",
      { class: "kp-driving" },
      el("div", { class: "kp-row" }, one, run, reset),
      stepSize.node,
      status,
    ),
    curve.node,
  );
  return {
    node,
    update(state) {
      const descent = descentStatus(state);
      setText(run, state.running ? "Pause" : "Run");
      stepSize.show(state.step_size);
      setAttribute(status, "aria-live", state.running ? "off" : "polite");
      setText(status, `Step ${descent.taken}. ${DESCENT_SENTENCES[descent.kind](descent)}`);
      status.classList.toggle("kp-warning", ["rising", "diverged"].includes(descent.kind));
      curve.update(state.loss_history, descent.best);
    },
  };
}

const CURVE = { width: 520, height: 230, left: 70, right: 16, top: 16, bottom: 46 };

/** The loss after every step, on a logarithmic scale, and a dashed line at the optimum. */
function makeLossCurve() {
  const { width, height, left, right, top, bottom } = CURVE;
  const grid = range(5).map(() => [
    svg("line", { class: "kp-gridline", x1: left, x2: width - right }),
    svg("text", { x: left - 8, class: "kp-axis", "text-anchor": "end" }),
  ]);
  const steps = range(3).map(() =>
    svg("text", { class: "kp-axis", y: height - bottom + 20, "text-anchor": "middle" }),
  );
  const optimum = svg("line", { class: "kp-optimum", x1: left, x2: width - right });
  const optimumName = svg("text", {
    class: "kp-axis kp-optimum-name",
    x: width - right - 4,
    "text-anchor": "end",
  });
  const line = svg("polyline", { class: "kp-curve" });
  const point = svg("circle", { class: "kp-now", r: 6 });
  const frame = svg("path", {
    class: "kp-frame",
    d: `M${left},${top}V${height - bottom}H${width - right}`,
  });
  const xName = svg(
    "text",
    { class: "kp-axis", x: (left + width - right) / 2, y: height - 5, "text-anchor": "middle" },
    "descent steps",
  );
  const yName = svg(
    "text",
    {
      class: "kp-axis",
      transform: `translate(14, ${(top + height - bottom) / 2}) rotate(-90)`,
      "text-anchor": "middle",
    },
    "loss L",
  );
  const node = svg(
    "svg",
    { class: "kp-chart", viewBox: `0 0 ${width} ${height}`, role: "img" },
    ...grid.flat(),
    frame,
    ...steps,
    optimum,
    optimumName,
    line,
    point,
    xName,
    yName,
  );

  return {
    node,
    update(losses, best) {
      const [low, high] = decades(losses, best);
      const last = roundUp(Math.max(losses.length - 1, 20));
      const x = (n) => left + (n / last) * (width - left - right);
      const y = (loss) => {
        const share = (Math.log10(Math.max(loss, 10 ** low)) - low) / (high - low);
        return height - bottom - share * (height - top - bottom);
      };
      const spacing = Math.ceil((high - low) / 4);
      grid.forEach(([rule, name], n) => {
        const power = low + n * spacing;
        const visible = power <= high ? "visible" : "hidden";
        for (const part of [rule, name]) setAttribute(part, "visibility", visible);
        setAttribute(rule, "y1", y(10 ** power));
        setAttribute(rule, "y2", y(10 ** power));
        setAttribute(name, "y", y(10 ** power) + 6);
        setText(
          name,
          power >= -3 && power <= 4
            ? String(Number((10 ** power).toPrecision(1)))
            : `1e${withMinus(String(power))}`,
        );
      });
      steps.forEach((name, n) => {
        setAttribute(name, "x", x((n * last) / 2));
        setText(name, String((n * last) / 2));
      });
      setAttribute(
        line,
        "points",
        losses.map((loss, n) => `${x(n).toFixed(1)},${y(loss).toFixed(1)}`).join(" "),
      );
      setAttribute(point, "cx", x(losses.length - 1));
      setAttribute(point, "cy", y(losses[losses.length - 1]));
      setAttribute(optimum, "y1", y(best));
      setAttribute(optimum, "y2", y(best));
      const nameAbove = y(best) - 8 > top + 14;
      setAttribute(optimumName, "y", nameAbove ? y(best) - 8 : y(best) + 20);
      setText(optimumName, `least squares: ${formatPrecisely(best)}`);
      const now = losses[losses.length - 1];
      setAttribute(
        node,
        "aria-label",
        `Loss curve: after ${losses.length - 1} steps the loss is ${formatPrecisely(now)}; ` +
          `the least-squares optimum is ${formatPrecisely(best)}.`,
      );
    },
  };
}

/** The powers of ten between which the curve is drawn: down to a million-millionth of
 *  the first loss at most, for an optimum of zero lies infinitely far down. */
function decades(losses, best) {
  const least = Math.max(1e-12 * losses[0], 1e-12);
  const drawn = [...losses, best].map((loss) => Math.log10(Math.max(loss, least)));
  const high = Math.ceil(Math.max(...drawn) + 0.05);
  const low = Math.floor(Math.min(...drawn) - 0.05);
  return [Math.min(low, high - 2), high];
}

/** 20, 50, 100, 200, 500, 1000: the end of the axis. */
const roundUp = (n) => [20, 50, 100, 200, 500, 1000].find((end) => end >= n) ?? MAX_STEPS;

/** The chosen one of the nine terms, in letters and in numbers. */
function termSentence(state, { products, output }) {
  const n = state.selected;
  const q = state.target.flat()[n - 1];
  const prediction = output.flat()[n - 1];
  const numbers = `${formatNumber(q, 8)} − ${inBrackets(formatNumber(prediction, 8))}`;
  const residual = formatNumber(q - prediction, 8);
  const square = formatNumber((q - prediction) ** 2, 8);
  const letters = `q${n} − (${sumInLetters(products)})`;
  return `Term ${n}:  ${letters} = ${numbers} = ${residual}, squared ${square}.`;
}

function makeTrainingPanel(ctx) {
  const [residuals, gradient, descent] = [makeResiduals(), makeGradient(), makeDescent(ctx)];
  const term = el("p", { class: "kp-term-line", role: "status" });
  const node = el(
    "div",
    { class: "kp-panel" },
    el("div", { class: "kp-errors" }, residuals.node, gradient.node),
    term,
    descent.node,
  );
  return {
    node,
    update(state, scene) {
      [residuals, gradient, descent].forEach((part) => part.update(state));
      setText(term, termSentence(state, scene));
      setAttribute(term, "aria-live", state.running ? "off" : "polite");
    },
  };
}

// ------------------------------------------------------------------ panel 3: sizes

/** Ranges of the sizes; the Python side has the same. */
export const SIZE_RANGES = {
  image_size: [1, 8],
  kernel_size: [1, 7],
  stride: [1, 4],
  padding: [0, 6],
  output_padding: [0, 3],
};
const SIZE_LABELS = {
  image_size: "image size i",
  kernel_size: "kernel size k",
  stride: "stride s",
  padding: "padding p",
  output_padding: "output padding a",
};

const settingsOf = (state) => ({
  stride: state.stride,
  padding: state.padding,
  outputPadding: state.output_padding,
});

/** Largest, smallest and their ratio, of all pixels or of a square part. */
export function extremes(picture, [first, last] = [0, Infinity]) {
  const inside = (index) => index >= first && index <= last;
  const numbers = picture
    .filter((_, row) => inside(row))
    .flatMap((row) => row.filter((_, n) => inside(n)));
  if (numbers.length === 0) return null;
  const [most, least] = [Math.max(...numbers), Math.min(...numbers)];
  return { most, least, ratio: most / least };
}

/** A picture on a canvas, one square per pixel, numbers where they fit. */
function makeMap(title) {
  const canvas = el("canvas", { role: "img", class: "kp-map", "aria-label": title });
  const caption = el("div", { class: "kp-map-caption" });
  const node = el("figure", {}, el("figcaption", {}, title), canvas, caption);
  return { node, canvas, caption };
}

const MAP_SIDE = 240;

/** A pen for a cleared square canvas, with as many dots as the screen has. */
function startDrawing(canvas, side) {
  const dots = Math.round(side * (window.devicePixelRatio || 1));
  if (canvas.width !== dots) [canvas.width, canvas.height] = [dots, dots];
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, dots, dots);
  return { pen, dots };
}

/** The numbers of a picture, all with two decimals, or one, or none written at all: as fits. */
function numbersThatFit(pen, picture, number, width) {
  for (const room of [4, 3]) {
    const texts = picture.map((row) => row.map((value) => number(value, room)));
    if (texts.flat().every((text) => pen.measureText(text).width <= width)) return texts;
  }
  return null;
}

/** Draw a square picture; `number(value, room)` is written on the pixels if all have room. */
function drawMap(canvas, picture, colour, number, side = MAP_SIDE) {
  const { pen, dots } = startDrawing(canvas, side);
  const size = dots / picture.length;
  const edge = (n) => Math.round(n * size);
  pen.font = `${Math.min((20 * dots) / side, size * 0.5)}px sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const legible = side / picture.length >= 24;
  const texts = legible ? numbersThatFit(pen, picture, number, size * 0.86) : null;
  picture.forEach((row, y) =>
    row.forEach((value, x) => {
      const fill = colour(value);
      pen.fillStyle = toCss(fill);
      pen.fillRect(edge(x), edge(y), edge(x + 1) - edge(x), edge(y + 1) - edge(y));
      if (!texts) return;
      pen.fillStyle = inkOn(fill);
      pen.fillText(texts[y][x], (x + 0.5) * size, (y + 0.53) * size);
    }),
  );
}

/** Where no output is possible: a crossed-out square instead of a picture. */
function crossOut(canvas, colour) {
  const { pen, dots } = startDrawing(canvas, MAP_SIDE);
  pen.strokeStyle = colour;
  pen.lineWidth = dots / 60;
  pen.beginPath();
  pen.moveTo(0, 0);
  pen.lineTo(dots, dots);
  pen.moveTo(dots, 0);
  pen.lineTo(0, dots);
  pen.stroke();
}

/** A dashed square around the pixels that no border disturbs. */
function outlineRange(canvas, [first, last], size, colour) {
  if (last < first) return;
  const pen = canvas.getContext("2d");
  const unit = canvas.width / size;
  const width = Math.max(2, canvas.width / 100);
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.setLineDash([3 * width, 2 * width]);
  const span = (last - first + 1) * unit - width;
  pen.strokeRect(first * unit + width / 2, first * unit + width / 2, span, span);
  pen.setLineDash([]);
}

const ratioText = ({ most, least, ratio }) =>
  least === 0 ? `${most} / 0 = ∞` : `${most} / ${least} = ${formatPrecisely(ratio)}`;

/** The two size formulas with their numbers. */
function formulaLines(state, size) {
  const { image_size: i, kernel_size: k, stride: s, padding: p, output_padding: a } = state;
  const up = `${s}·(${i} − 1) + ${k} − 2·${p} + ${a} = ${withMinus(String(size))}`;
  const fraction = (size + 2 * p - k) / s;
  const floored = `⌊${formatNumber(fraction)}⌋ + 1 = ${Math.floor(fraction) + 1}`;
  const down = `⌊(${size} + 2·${p} − ${k}) / ${s}⌋ + 1 = ${floored}`;
  return [up, down];
}

/** What the floor means for this setting. */
function floorSentence(state) {
  const { image_size: i, kernel_size: k, stride: s, padding: p } = state;
  const smallest = Math.max(outputSize(i, k, { stride: s, padding: p }), 1);
  const largest = outputSize(i, k, { stride: s, padding: p }) + s - 1;
  if (s === 1) return "With stride 1 the floor drops nothing, so there is no choice to make.";
  const sizes = range(largest - smallest + 1)
    .map((n) => smallest + n)
    .join(", ");
  return (
    `Going forward, the floor takes sizes ${sizes} to ${i}; ` +
    "the output padding a chooses which of them comes back."
  );
}

function makeSizesPanel(ctx) {
  const controls = Object.entries(SIZE_RANGES).map(([name, [min, max]]) => [
    name,
    makeControl(SIZE_LABELS[name], { min, max, step: 1, whole: true }, (value) =>
      ctx.apply(() => ({ [name]: value })),
    ),
  ]);
  const imagePattern = makeSelect("image", Object.keys(IMAGE_PATTERNS), (name) =>
    ctx.apply(() => ({ image_pattern: name })),
  );
  const kernelPattern = makeSelect("kernel", Object.keys(KERNEL_PATTERNS), (name) =>
    ctx.apply(() => ({ kernel_pattern: name })),
  );
  const [up, down] = [el("div", { class: "kp-formula" }), el("div", { class: "kp-formula" })];
  const note = el("p", { class: "kp-note", role: "status" });
  const thumbnails = { image: makeMap("image"), kernel: makeMap("kernel") };
  const maps = {
    counts: makeMap("stamps per output pixel"),
    output: makeMap("transposed convolution"),
    resized: makeMap("resize, then convolve"),
  };
  const node = el(
    "div",
    { class: "kp-panel kp-sizes" },
    el(
      "div",
      { class: "kp-settings" },
      el("div", { class: "kp-sliders" }, ...controls.map(([, control]) => control.node)),
      el(
        "div",
        { class: "kp-formulas" },
        el("div", {}, "transposed:  o' = s·(i − 1) + k − 2p + a"),
        up,
        el("div", {}, "forward again:  o = ⌊(o' + 2p − k) / s⌋ + 1"),
        down,
        note,
        el(
          "div",
          { class: "kp-patterns" },
          el("div", {}, imagePattern.node, kernelPattern.node),
          thumbnails.image.node,
          thumbnails.kernel.node,
        ),
      ),
    ),
    el("div", { class: "kp-maps" }, ...Object.values(maps).map((map) => map.node)),
  );

  function update(state) {
    const settings = settingsOf(state);
    const { image_size: i, kernel_size: k } = state;
    const problem = sizeProblem(i, k, settings);
    const size = outputSize(i, k, settings);
    controls.forEach(([name, control]) => control.show(state[name]));
    imagePattern.update(state.image_pattern);
    kernelPattern.update(state.kernel_pattern);
    const [upwards, downwards] = formulaLines(state, size);
    setText(up, upwards);
    setText(down, problem ? "—" : downwards);
    setText(note, problem ? `Impossible. ${problem}` : floorSentence(state));
    note.classList.toggle("kp-warning", problem !== "");
    const image = IMAGE_PATTERNS[state.image_pattern](i);
    const kernel = KERNEL_PATTERNS[state.kernel_pattern](k);
    drawThumbnail(thumbnails.image, image);
    drawThumbnail(thumbnails.kernel, kernel);
    if (problem) showImpossible(maps);
    else {
      showCounts(maps.counts, i, k, settings);
      showPicture(maps.output, transposedConvolution(image, kernel, settings));
      showPicture(maps.resized, resizeThenConvolve(image, kernel, [size, size]));
    }
  }
  return { node, update };
}

/** Whether the stamps overlap evenly, away from the border. */
function evenness(k, s) {
  if (k < s) return "k < s: gaps between stamps";
  return `k mod s = ${k % s}: ${k % s === 0 ? "even" : "uneven"} overlap`;
}

function drawThumbnail({ canvas, caption }, picture) {
  const most = Math.max(...picture.flat().map(Math.abs)) || 1;
  drawMap(
    canvas,
    picture,
    (value) => shareColour(value / most),
    formatNumber,
    100,
  );
  setText(caption, `${picture.length} × ${picture.length}`);
}

function showCounts({ canvas, caption }, i, k, settings) {
  const counts = overlapCounts([i, i], [k, k], settings);
  const undisturbed = undisturbedRange(i, k, settings);
  const whole = extremes(counts);
  const inner = extremes(counts, undisturbed);
  drawMap(canvas, counts, (count) => countColour(count / Math.max(whole.most, 1)), String);
  outlineRange(canvas, undisturbed, counts.length, theme === "dark" ? "#ffb000" : "#b34700");
  const innerText = inner ? ratioText(inner) : "no pixel there";
  const ratios = `max/min: ${ratioText(whole)}\nin dashes: ${innerText}`;
  setText(caption, `${ratios}\n${evenness(k, settings.stride)}`);
  setAttribute(
    canvas,
    "aria-label",
    `Overlap counts, ${counts.length} by ${counts.length}. ${caption.textContent}`,
  );
}

function showPicture({ canvas, caption }, picture) {
  const { most, least } = extremes(picture);
  const largest = Math.max(Math.abs(most), Math.abs(least)) || 1;
  drawMap(
    canvas,
    picture,
    (value) => shareColour(value / largest),
    formatNumber,
  );
  setText(
    caption,
    `${picture.length} × ${picture.length}\nvalues ${formatNumber(least)} to ${formatNumber(most)}`,
  );
  setAttribute(canvas, "aria-label", `A picture of ${caption.textContent}.`);
}

function showImpossible(maps) {
  for (const { canvas, caption } of Object.values(maps)) {
    crossOut(canvas, theme === "dark" ? "#6e7781" : "#8c959f");
    setText(caption, "no output with this setting");
    setAttribute(canvas, "aria-label", "No output with this setting.");
  }
}

// ======================================================================== 6. Life

const PANELS = { views: "Three views", training: "Training", sizes: "Sizes" };

/** The three tabs; arrow keys move between them. */
function makeTabs(ctx, id) {
  const names = Object.keys(PANELS);
  const tabs = names.map((name) =>
    makeButton(PANELS[name], () => ctx.apply(() => ({ panel: name })), {
      role: "tab",
      class: "kp-tab",
      id: `${id}-tab-${name}`,
      "aria-controls": `${id}-panel`,
    }),
  );
  const node = el(
    "div",
    { class: "kp-tabs", role: "tablist", "aria-label": "panels of the playground" },
    ...tabs,
  );
  node.addEventListener("keydown", (event) => {
    const at = names.indexOf(ctx.state().panel);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = (to + names.length) % names.length;
    ctx.apply(() => ({ panel: names[next] }));
    tabs[next].focus();
  });
  return {
    node,
    update: (state) =>
      tabs.forEach((tab, n) => {
        const selected = names[n] === state.panel;
        setAttribute(tab, "aria-selected", selected);
        setAttribute(tab, "tabindex", selected ? 0 : -1);
      }),
  };
}

/** Everything of the lecture's 2×2 → 3×3 case that more than one part shows. */
function computeScene(state) {
  const { image, kernel, turned, selected } = state;
  return {
    output: transposedConvolution(image, kernel),
    matrix: convolutionMatrix(kernel, [3, 3]),
    slid: transposedConvolution(image, turned ? kernel : turn(kernel), { view: "slide" }),
    products: productsOf(selected),
    slideProducts: turned ? productsOf(selected) : unturnedProductsOf(selected),
  };
}

/** "dark" where JupyterLab, nbconvert or VS Code say so, else "light". */
function pageTheme() {
  const { dataset, classList } = document.body;
  const dark = dataset.jpThemeLight === "false" || classList.contains("vscode-dark");
  return dark ? "dark" : "light";
}

/** Clicks on any picture of an output pixel choose that pixel. */
function addChoosing(node, ctx) {
  node.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-pixel]");
    if (cell) ctx.apply(() => ({ selected: Number(cell.dataset.pixel) }));
  });
}

function render({ model, el: host }) {
  let frame = null;
  let notice = "";
  const ctx = {
    state: () => readState(model),
    noticeText: () => notice,
    set: (changes) => change(model, changes),
    apply(action) {
      notice = "";
      ctx.set(action(readState(model)));
    },
    notice(text) {
      notice = text;
      ctx.draw();
    },
    draw() {
      frame ??= requestAnimationFrame(drawNow); // several changes at once: one redraw
    },
  };

  const id = newId();
  const tabs = makeTabs(ctx, id);
  const editor = makeEditor(ctx);
  const toolbar = makeToolbar(ctx);
  const sums = makeSum(ctx);
  const panels = {
    views: makeViewsPanel(ctx),
    training: makeTrainingPanel(ctx),
    sizes: makeSizesPanel(ctx),
  };
  const next = makeButton("next pixel ▸", () =>
    ctx.apply(({ selected }) => ({ selected: (selected % 9) + 1 })),
  );
  const sumRow = el("div", { class: "kp-sum-row" }, sums.node, next);
  const body = el(
    "div",
    { class: "kp-body", id: `${id}-panel`, role: "tabpanel" },
    editor.node,
    toolbar.node,
    sumRow,
    ...Object.values(panels).map((panel) => panel.node),
  );
  const root = el(
    "div",
    { class: "kernel-playground" },
    tabs.node,
    body,
  );

  function drawNow() {
    frame = null;
    theme = pageTheme();
    const state = readState(model);
    const general = state.panel === "sizes" && !state.compact;
    const scene = computeScene(state);
    setAttribute(root, "data-theme", theme);
    root.classList.toggle("kp-compact", state.compact);
    tabs.node.hidden = state.compact;
    tabs.update(state);
    setAttribute(body, "aria-labelledby", `${id}-tab-${state.panel}`);
    editor.node.hidden = general;
    toolbar.node.hidden = general;
    sumRow.hidden = general || (state.panel === "training" && !state.compact);
    if (!general) {
      editor.update(state, scene);
      toolbar.update(state);
      sums.update(state, scene);
    }
    for (const [name, panel] of Object.entries(panels)) {
      panel.node.hidden = state.compact || name !== state.panel;
      if (!panel.node.hidden) panel.update(state, scene);
    }
  }

  const watcher = new MutationObserver(() => {
    if (pageTheme() !== root.dataset.theme) ctx.draw();
  });
  watcher.observe(document.body, {
    attributes: true,
    attributeFilter: ["data-jp-theme-light", "class"],
  });
  // Keys are for the playground, not for the notebook's commands; Ctrl+S still saves. Told at the
  // window, since Notebook acts on a key before whatever has the focus hears of it.
  const keepKeys = ({ target, ctrlKey, metaKey }) => {
    if (root.contains(target)) {
      target.toggleAttribute("data-lm-suppress-shortcuts", !ctrlKey && !metaKey);
    }
  };
  window.addEventListener("keydown", keepKeys, true);
  addChoosing(body, ctx);
  for (const name of TRAITS) model.on(`change:${name}`, ctx.draw);
  drawNow();
  host.append(root);

  return () => {
    for (const name of TRAITS) model.off(`change:${name}`, ctx.draw);
    watcher.disconnect();
    window.removeEventListener("keydown", keepKeys, true);
    if (frame !== null) cancelAnimationFrame(frame);
    if (model.get("running")) change(model, { running: false });
    root.remove();
  };
}

/** "Run" belongs to the model, not to a view: two views of one playground share one descent. */
function initialize({ model }) {
  let timer = null;
  const follow = () => {
    clearInterval(timer);
    timer = model.get("running") ? setInterval(() => advance(model), MILLISECONDS_PER_STEP) : null;
  };
  model.on("change:running", follow);
  follow();
  return () => {
    model.off("change:running", follow);
    clearInterval(timer);
  };
}

export default { initialize, render };
