#include "CLibgit2Shims.h"

#include <git2.h>

int arborist_git_set_option(int option, int value) { return git_libgit2_opts(option, value); }

int arborist_git_set_search_path(int level, const char *path) {
  return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}
