// Package runs stores runs: a run's directory with its record, its CSVs and its
// checkpoints, locked while it is trained, and the tables merged from many runs.
// A file is replaced whole or grows by complete lines, so a reader always finds a
// consistent state. The package knows no network and no data set: numbers come in
// as plain Go values.
package runs
