// Package runs stores runs: a run's directory with its record, its CSVs and its
// checkpoints, locked while it is trained, and the tables merged from many runs.
// Files are replaced as a whole or grow by complete lines, so a reader always finds a
// consistent state. The package knows nothing of networks or data sets: numbers come
// in as plain Go values.
package runs
