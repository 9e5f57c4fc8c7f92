// Many texts as one, so that a word is looked for in all of them at once: the browser's own search of a
// string is far quicker than a walk over a hundred thousand of them.

/// Whether a word is the whole of a text, its start, or somewhere in it.
export const WHOLE = 0;
export const START = 1;
export const INSIDE = 2;

export class Texts {
  /// Of texts in lower case.
  constructor(texts) {
    const clean = texts.map((text) => (text.includes("\n") ? text.replaceAll("\n", " ") : text));
    this.text = `${clean.join("\n")}\n`;
    this.starts = new Int32Array(clean.length + 1);
    clean.forEach((text, at) => {
      this.starts[at + 1] = this.starts[at] + text.length + 1;
    });
  }

  get length() {
    return this.starts.length - 1;
  }

  /// Tells of each text that has a word, in order, and which part of it the word is. Words have no
  /// line ends.
  each(word, tell) {
    const { text, starts } = this;
    let number = 0;
    let at = text.indexOf(word);
    while (at >= 0 && number < this.length) {
      while (starts[number + 1] <= at) {
        number++;
      }
      const length = starts[number + 1] - 1 - starts[number];
      if (at > starts[number]) {
        tell(number, INSIDE);
      } else {
        tell(number, length === word.length ? WHOLE : START);
      }
      at = text.indexOf(word, starts[number + 1]);
    }
  }
}
