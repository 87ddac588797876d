#ifndef ARBORIST_C_EGRESS_SHIMS_H
#define ARBORIST_C_EGRESS_SHIMS_H

/// Accepts a connection on a listening socket that does not block; the new socket does not block either, and is never
/// inherited by another program, not even by one that is started at the same moment.
///
/// Returns the descriptor, or -1 with the reason in `errno`.
int arborist_accept(int listener);

#endif
