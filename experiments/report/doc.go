// Package report keeps what experiments find: a run's directory with its
// record and its CSVs, the tables merged from many runs, the few statistics
// they are judged by, and the figures and tables they are shown in. Every file
// is replaced whole (temporary file, sync, rename) or grows by complete lines,
// so that a reader always finds a consistent state. The package knows nothing
// of networks, data sets or Gorgonia: numbers come in as plain Go values, and
// what they mean is the business of package experiments.
package report
