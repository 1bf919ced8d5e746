// Takes the place of string-width in the bundle: the same answer for a line of help or progress, without loading the tables of
// Intl.Segmenter three times over, which takes as long to load as the reading of the whole command line.
const { default: fastStringWidth } = require("fast-string-width");

module.exports = (text) => fastStringWidth(text);
