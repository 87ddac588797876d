import Testing
import Tools

/// Which command lines are taken for ones that destroy.
struct DestructiveTests {
  @Test(
    "a command that destroys is told",
    arguments: [
      "git reset --hard", "git reset --hard HEAD~3", "git reset -q --hard", "git -C sub reset --hard",
      "git -c a=b --no-pager reset HEAD --hard", "/usr/bin/git reset --hard", "git reset --merge",
      "cd x && git reset --hard && make", "(git reset --hard)", "make || { git reset --hard; }",
      "sh -c 'git reset --hard'", "bash -lc \"git reset --hard\"", "bash -c 'cd a; sh -c \"git reset --hard\"'",
      "echo $(git reset --hard)", "echo `git reset --hard`", "echo \"x $(git reset --hard)\"",
      "if true; then git reset --hard; fi", "for f in *; do git checkout -- $f; done", "! git reset --hard",
      "GIT_DIR=x git reset --hard", "env A=b git reset --hard", "sudo git reset --hard", "timeout 10 git reset --hard",
      "nohup nice -n 5 git reset --hard &", "git \"reset\" '--hard'", "git re\\set --hard", "git reset \\\n --hard",
      "true | git reset --hard", "bash <<'E'\ngit reset --hard\nE", "eval 'git reset --hard'", "$GIT reset --hard",
      "g=git; $g clean -fdx", "echo a\ngit reset --hard\necho b",
      "git checkout .", "git checkout -- .", "git checkout -- a.c", "git checkout -f", "git checkout --force main",
      "git checkout HEAD -- a", "git checkout HEAD a.c", "git checkout ./a", "git checkout -B main", "git checkout a.c",
      "git checkout --theirs a", "git restore .", "git restore a.c", "git restore --staged --worktree a",
      "git restore -SW a", "git switch -f main", "git switch --discard-changes main", "git switch -C x",
      "git clean -fd", "git clean -f -d -x", "git clean -xdf", "git clean --force", "git stash", "git stash drop",
      "git stash clear", "git stash pop", "git stash push -u", "git rm -r src", "git rebase --abort",
      "git merge --abort", "git branch -D x", "git reflog expire --all", "git gc --prune=now", "git worktree remove x",
      "git read-tree -u HEAD",
      "rm -rf src", "rm -r -f src", "rm -fr .", "rm --recursive src", "rm -R x", "rm *.c", "\\rm -rf x",
      "command rm -rf x", "xargs rm -rf", "find . -name '*.o' -delete", "find . -type f -exec rm {} +",
      "find . -exec sh -c 'rm -rf \"$1\"' _ {} \\;", "git ls-files | xargs rm -rf", "rsync -a --delete a/ b/",
      "truncate -s 0 a.c", "shred a", "dd if=/dev/zero of=a.c", "rm -rf /tmp/../workspace", "> a.c", ": >a.c",
      "cat /dev/null > a.c", "true && > src/a.c", "rm -rf /tmp/x src",
      "git checkout DIR", "git checkout Makefile", "git checkout main", "git checkout - Makefile", "git co -- .",
      "git -c alias.x='reset --hard' x", "git -c alias.x='reset --hard' -C sub x", "git discard", "git $what",
      "git reset",
      "git reset HEAD a", "git restore --staged a", "git switch main", "git checkout -b topic main",
      "git switch -c topic main", "git rebase main", "git merge x", "git pull", "git cherry-pick x", "git revert x",
      "git rm --cached -f a", "git tag -d v1", "git bisect reset", "git submodule update",
      "git submodule foreach 'git reset --hard'", "git sparse-checkout set src", "git worktree remove --force x",
      "git update-ref -d refs/heads/x", "git add -A && git nuke", "git -C x -c a=b lfs prune", "git mv -f a b",
      "doas git checkout .", "sudo -u x env A=b git co .", "(cd x && (git checkout Makefile))",
      "git ls-files | xargs -n1 git checkout --", "git ls-files -o | xargs rm", "find . -print0 | xargs -0 /bin/rm -f",
      "rm $FILES", "rm -f \"$(git ls-files -o)\"", "for f in *; do rm \"$f\"; done",
      "g() { git \"$@\"; }; g reset --hard",
      "cp /dev/null a.c", "echo 'git reset --hard' | sh", "cat x | bash -s", "eval \"$what\"", "sh -c \"$what\"",
      "truncate -s 0 /tmp/x a.c", "truncate --size 0 /tmp/../workspace/a.c", "shred -n 1 a /tmp/b",
      "dd if=/dev/zero of=/tmp/../workspace/a", "find /tmp . -name x -delete", "find -name /tmp/x -delete",
      "find /tmp -exec rm -rf src {} +", "rsync -a --delete /tmp/a/ b/",
    ])
  func destroys(_ line: String) {
    #expect(DestructiveCommand.reason(in: line) != nil)
  }

  @Test(
    "a command that destroys nothing is not",
    arguments: [
      "git", "git status", "git --no-pager diff", "git log --oneline", "git -C sub show HEAD", "git --version",
      "git reset --soft HEAD~1", "git add -A && git commit -qm x", "git clean --help", "git stash store x",
      "git remote -v", "git worktree list", "git submodule status", "git tag v1", "git apply a.patch", "git mv a b",
      "git config alias.x 'reset --hard'", "git ls-files | xargs grep x", "xargs -n 1 echo <list", "bash --version",
      "git checkout -b topic", "git switch -c topic", "git clean -n", "git checkout", "cp a b", "sh -c \"echo $x\"",
      "git clean -nd", "git stash list", "git stash show -p", "git stash apply", "git branch -d x", "git log --all",
      "git rm --cached a", "git diff --stat", "git commit -m 'git reset --hard'", "echo git reset --hard",
      "echo 'rm -rf /'", "echo \"git clean -fd\"", "grep -rn 'git reset --hard' docs", "# git reset --hard",
      "true # rm -rf x", "cat <<'E'\ngit reset --hard\nrm -rf x\nE", "rm a.txt", "rm -f a.txt b.txt", "rm -rf /tmp/x",
      "find . -name a", "find . -exec grep x {} +", "ls -R", "sh -c 'echo a'", "bash script.sh", "make clean",
      "python -c 'print(1)'", "printf '%s' 'git checkout .'", "$PYTHON setup.py build", "$GIT status",
      "git reflog", "make > log.txt 2>&1", ": > /tmp/x", "echo a >> b", "ls 2>/dev/null", "exec 3>&1", "echo x > a.c",
      "cargo test -- --force", "sed -i s/a/b/ x", "$CC -c x.c", "dd if=a of=/dev/null",
      "rm -rf /tmp/x.py /tmp/a..b '/tmp/y z' 2>/dev/null; ls", "rm -rf -- /tmp/x/*", "truncate -s 0 /tmp/x",
      "shred -u /tmp/x", "dd if=/dev/zero of=/tmp/x", "find /tmp/x /tmp/y -type f -delete", "> /tmp/x",
      "find /tmp -name '*.pyc' -exec rm -f {} +", "rsync -a --delete src/ /tmp/copy/",
    ])
  func spares(_ line: String) {
    #expect(DestructiveCommand.reason(in: line) == nil)
  }

  @Test("whatever a line is, it is read to its end")
  func anything() {
    var random = SeededRandom(seed: 7)
    let pieces = [
      "'", "\"", "$(", ")", "`", "<<E", "\n", "\\", "git", " reset", " --hard", ";", "&&", "|", ">", "<(", "$'", "{",
      "}", "#", "é", "(", " ",
    ]
    for _ in 0..<3000 {
      let line = (0..<Int.random(in: 0...14, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined()
      _ = DestructiveCommand.reason(in: line)
    }
  }
}

/// The same numbers in every run of a test.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// The next 64 bits (SplitMix64).
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
