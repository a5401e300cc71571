// Reads settings (JSON) from standard input, computes them with the arithmetic of the kernel
// playground's page module, and writes the results (JSON) to standard output.
//
//   node kernel_playground_arithmetic.mjs path/to/kernel_playground.js < settings.json

import { readFileSync } from "node:fs";

// The module is loaded from its text: without a package.json beside it Node would take a .js
// file for the older kind of module.
const source = readFileSync(process.argv[2]);
const playground = await import(`data:text/javascript;base64,${source.toString("base64")}`);

/** A general setting: the three views, the matrix, the overlap; null where impossible. */
function transposed({ image, kernel, ...settings }) {
  const { stride, padding } = settings;
  const shapes = [image, kernel].map(playground.shapeOf);
  try {
    const output = playground.transposedConvolution(image, kernel, { ...settings, view: "stamp" });
    const shape = playground.shapeOf(output);
    return {
      stamp: output,
      matrix: playground.transposedConvolution(image, kernel, { ...settings, view: "matrix" }),
      slide: playground.transposedConvolution(image, kernel, { ...settings, view: "slide" }),
      convolutionMatrix: playground.convolutionMatrix(kernel, shape, { stride, padding }),
      overlap: playground.overlapCounts(...shapes, settings),
      resized: playground.resizeThenConvolve(image, kernel, shape),
      sizes: [0, 1].map((axis) =>
        playground.outputSize(shapes[0][axis], shapes[1][axis], settings),
      ),
      back: [0, 1].map((axis) =>
        playground.outputSize(shape[axis], shapes[1][axis], { stride, padding, transposed: false }),
      ),
    };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The nine-term loss of one kernel on several images. */
function loss({ kernel, images, targets, stepSize }) {
  const data = [kernel, images, targets];
  return {
    residuals: playground.nineResiduals(...data),
    loss: playground.nineTermLoss(...data),
    kernelGradient: playground.kernelGradient(...data),
    imageGradient: playground.imageGradient(...data),
    finiteDifferences: playground.finiteDifferenceGradient(...data),
    bestKernel: playground.bestKernel(images, targets),
    design: playground.designMatrix(images),
    largestStableStep: playground.largestStableStep(images),
    step: playground.descended({
      kernel,
      image: images[0],
      target: targets[0],
      step_size: stepSize,
    }),
  };
}

/** A square setting of the sizes panel: why it is impossible, or its overlap's extremes. */
function sizes({ imageSize, kernelSize, ...settings }) {
  const problem = playground.sizeProblem(imageSize, kernelSize, settings);
  if (problem) return { problem };
  const shapes = [imageSize, kernelSize].map((size) => [size, size]);
  const counts = playground.overlapCounts(...shapes, settings);
  const inner = playground.undisturbedRange(imageSize, kernelSize, settings);
  return {
    problem,
    whole: playground.extremes(counts),
    inner: playground.extremes(counts, inner),
  };
}

/** What page and Python must agree on beside the formulas. */
function constants() {
  const made = (patterns) =>
    Object.entries(patterns).map(([name, make]) => [name, [1, 2, 5].map((size) => make(size))]);
  const state = {
    image: [
      [1, 2],
      [-1, 0.5],
    ],
    target: [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
  };
  const presets = (all) =>
    Object.entries(all).map(([name, make]) => [name, name === "random" ? null : make(state)]);
  return {
    limit: playground.LIMIT,
    maxSteps: playground.MAX_STEPS,
    ranges: playground.SIZE_RANGES,
    traits: playground.TRAITS,
    imagePatterns: made(playground.IMAGE_PATTERNS),
    kernelPatterns: made(playground.KERNEL_PATTERNS),
    kernelPresets: presets(playground.KERNEL_PRESETS),
    targetPresets: presets(playground.TARGET_PRESETS),
  };
}

/** How numbers are written. */
const written = ({ value, room }) => playground.formatNumber(value, room);

const kinds = { transposed, loss, sizes, constants, written };
const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(({ kind, ...setting }) => kinds[kind](setting))));
