// accept4 is Linux's own and hidden without this; accept and fcntl would leave a moment in between.
#define _GNU_SOURCE
#include "CEgressShims.h"

#include <sys/socket.h>

int arborist_accept(int listener) {
  return accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
