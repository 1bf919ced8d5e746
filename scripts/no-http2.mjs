// Takes the place of http2-wrapper in the bundle. got loads that in every case, uses it only when asked for HTTP/2, which nothing
// here does, and it takes as long to load as half of the program.
export default {};
