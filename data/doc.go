// Package data is where pixels come from: it reads image sets whose every file
// is known by its SHA-256, downloads those that are missing, generates others
// from a seed, splits each into train, val and test, and hands out shuffled,
// normalised batches in N,C,H,W order, varied at random if asked to. Everything
// random here is drawn from a counter-based stream (seed, purpose, number), so no
// state has to be saved. It knows nothing of networks, tensors or results, and
// trusts no byte, header or server that it has not checked.
package data
