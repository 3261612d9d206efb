// Tells what it finds beside the model.
import { FileError, files } from "mlwasm";

let told;

export function init() {
  const labels = files.text("labels.txt").trim().split("\n");
  try {
    files.read("nope.txt");
  } catch (error) {
    if (error instanceof FileError) told = `${labels.join("+")} of ${files.names().join("+")} in ${files.folder()}`;
  }
}

export function run() {
  return files.text("vocab/words.json") === "{}" ? told : "another file";
}
