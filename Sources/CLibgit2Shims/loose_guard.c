#include "CLibgit2Shims.h"

#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/*
 * A backend that holds no object. It is asked behind the packs and before the loose objects of the same kind, and says
 * no more than "not here" or "damaged", so what is packed costs nothing more.
 */
struct guard {
  git_odb_backend backend;
  char *objects;
};

/* The header of a loose object, such as "blob 12345678" and a NUL, is shorter than this. */
enum { header_size = 128, chunk_size = 16384 };

/* Reads the file until the compressed stream has given this much or ends. Returns 1 where the file ends first. */
static int is_cut_off(int file, size_t wanted) {
  unsigned char input[chunk_size], output[chunk_size];
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (inflateInit(&stream) != Z_OK) return 0;
  int cut_off = 0;
  for (;;) {
    ssize_t count = read(file, input, sizeof input);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    if (count == 0) {
      cut_off = 1;
      break;
    }
    stream.next_in = input;
    stream.avail_in = (uInt)count;
    int result;
    do {
      stream.next_out = output;
      stream.avail_out = sizeof output;
      result = inflate(&stream, Z_NO_FLUSH);
    } while (result == Z_OK && stream.avail_out == 0 && stream.total_out < wanted);
    /* Any other damage is for libgit2 to name. */
    if (result != Z_OK && result != Z_BUF_ERROR) break;
    if (stream.total_out >= wanted) break;
  }
  inflateEnd(&stream);
  return cut_off;
}

static int look(git_odb_backend *backend, const git_oid *id, size_t wanted) {
  const char *objects = ((struct guard *)backend)->objects;
  char name[GIT_OID_HEXSZ + 1], path[4096];
  git_oid_tostr(name, sizeof name, id);
  int length = snprintf(path, sizeof path, "%s/%.2s/%s", objects, name, name + 2);
  if (length < 0 || (size_t)length >= sizeof path) return GIT_ENOTFOUND;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return GIT_ENOTFOUND;
  int cut_off = is_cut_off(file, wanted);
  close(file);
  if (!cut_off) return GIT_ENOTFOUND;
  char message[GIT_OID_HEXSZ + 64];
  snprintf(message, sizeof message, "the loose object %s is cut off", name);
  git_error_set_str(GIT_ERROR_ODB, message);
  return GIT_ERROR;
}

static int guard_read(void **data, size_t *size, git_object_t *type, git_odb_backend *backend, const git_oid *id) {
  (void)data, (void)size, (void)type;
  return look(backend, id, (size_t)-1);
}

static int guard_read_header(size_t *size, git_object_t *type, git_odb_backend *backend, const git_oid *id) {
  (void)size, (void)type;
  return look(backend, id, header_size);
}

static int guard_exists(git_odb_backend *backend, const git_oid *id) {
  (void)backend, (void)id;
  return 0;
}

static int guard_exists_prefix(git_oid *found, git_odb_backend *backend, const git_oid *prefix, size_t length) {
  (void)found, (void)backend, (void)prefix, (void)length;
  return GIT_ENOTFOUND;
}

static int guard_refresh(git_odb_backend *backend) {
  (void)backend;
  return 0;
}

static int guard_foreach(git_odb_backend *backend, git_odb_foreach_cb callback, void *payload) {
  (void)backend, (void)callback, (void)payload;
  return 0;
}

static void guard_free(git_odb_backend *backend) {
  free(((struct guard *)backend)->objects);
  free(backend);
}

int arborist_git_guard_loose_objects(void *repository, const char *objects, int is_lent) {
  git_odb *odb = NULL;
  int result = git_repository_odb(&odb, repository);
  if (result < 0) return result;
  struct guard *guard = calloc(1, sizeof *guard);
  char *copy = strdup(objects);
  if (!guard || !copy || git_odb_init_backend(&guard->backend, GIT_ODB_BACKEND_VERSION) < 0) {
    free(guard);
    free(copy);
    git_odb_free(odb);
    git_error_set_str(GIT_ERROR_NOMEMORY, "there is no memory left");
    return GIT_ERROR;
  }
  guard->objects = copy;
  guard->backend.read = guard_read;
  guard->backend.read_header = guard_read_header;
  guard->backend.exists = guard_exists;
  guard->backend.exists_prefix = guard_exists_prefix;
  guard->backend.refresh = guard_refresh;
  guard->backend.foreach = guard_foreach;
  guard->backend.free = guard_free;
  /*
   * libgit2's own have the priorities 1 (loose) and 2 (packed), and its sort is stable: what is added later with the same
   * priority comes behind. What is lent comes behind what is the repository's own.
   */
  result = is_lent ? git_odb_add_alternate(odb, &guard->backend, 2) : git_odb_add_backend(odb, &guard->backend, 2);
  if (result < 0) guard_free(&guard->backend);
  git_odb_free(odb);
  return result;
}
