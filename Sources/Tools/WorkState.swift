internal import Base
internal import Sandbox

/// What is known of the work in a workspace before and after a command that may destroy some of it.
///
/// Where there is a repository, git tells by content: all files that are not ignored become a tree in a directory of
/// its own, so that the repository itself stays as it is.
struct WorkState: Hashable {
  /// What the repository leads to: its commit, references, stashes and index, one a line; empty without a repository,
  /// `nil` where it cannot be told.
  var references: [UInt8]?
  /// What differs from the checkout; `nil` where it cannot be told.
  var changes: [CellChange]?
}

/// What of the work is no longer there after a command, nor anywhere else.
struct WorkLoss: Hashable {
  enum Kind: String, Hashable {
    case gone
    case changed
  }

  /// The files, by path.
  var files: [[UInt8]: Kind] = [:]
  /// Branches, tags and stashes, in words.
  var references: [String] = []

  var isEmpty: Bool { files.isEmpty && references.isEmpty }

  /// Forgets files that have another content now and that no removal can have touched: somebody edited them.
  mutating func keepOnly(removedBy removals: [String]) {
    let removals = removals.map { Array("/\($0)/".utf8) }
    files = files.filter { path, kind in
      kind == .gone || removals.contains { ([0x2F] + path + [0x2F]).firstRange(of: $0) != nil }
    }
  }

  /// How many files are named.
  private static let mostNames = 12

  /// What is lost, on one line.
  var text: String {
    let sorted = files.keys.sorted { $0.lexicographicallyPrecedes($1) }
    var names = sorted.prefix(Self.mostNames).map { path in
      "`\(DisplayText.line(path))` (\(files[path]?.rawValue ?? ""))"
    }
    if sorted.count > Self.mostNames { names.append("\(sorted.count - Self.mostNames) more files") }
    return (names + references).joined(separator: ", ")
  }
}

extension WorkLoss {
  /// What is lost where there is no repository that could tell more: files that are gone, or empty now.
  init(from before: [CellChange], to after: [CellChange]) {
    let old = Dictionary(before.map { ($0.path, $0.kind) }, uniquingKeysWith: { first, _ in first })
    let new = Dictionary(after.map { ($0.path, $0.kind) }, uniquingKeysWith: { first, _ in first })
    for (path, kind) in old where kind != .removed && (new[path] == nil || new[path] == .removed) {
      files[Array(path.bytes)] = .gone
    }
    for (path, kind) in new where old[path] != kind {
      if case .removed = kind { files[Array(path.bytes)] = .gone }
      guard case .written(0, _, _) = kind else { continue }
      if case .written(0, _, _)? = old[path] { continue }
      // A new file that is empty was none before.
      if old[path] != nil { files[Array(path.bytes)] = .changed }
    }
  }

  /// What the second half of ``script`` tells; `nil` where it makes no sense.
  ///
  /// A file whose content was committed is no loss where git has put another one in its place; where it is just gone,
  /// or empty, it is. A content that was never committed is one unless a commit or a stash holds it now.
  init?(report: [UInt8], keepsCommits: Bool) {
    var sections: [[ArraySlice<UInt8>]] = [[]]
    for record in report.split(separator: 0, omittingEmptySubsequences: false) {
      if record.isEmpty { sections.append([]) } else { sections[sections.count - 1].append(record) }
    }
    // Each ends with an empty record, and so does the whole.
    guard sections.count >= 8 else { return nil }
    let others = Set(sections[2].map(Array.init))
    let saved = Self.objects(sections[3])
    let unreachable = keepsCommits ? Self.objects(sections[4]) : []
    var worked: Set<[UInt8]>?
    for section in sections[5..<(sections.count - 2)] {
      let names = Set(section.map(Array.init))
      worked = worked.map { $0.intersection(names) } ?? names
    }
    let records = sections[1]
    for index in stride(from: 0, to: records.count - 1, by: 2) {
      let fields = records[index].split(separator: 0x20)
      guard fields.count == 5, let letter = fields[4].first else { return nil }
      let (path, old) = (Array(records[index + 1]), Array(fields[2]))
      if letter == UInt8(ascii: "A") { continue }
      let isGone = letter == UInt8(ascii: "D")
      if worked?.contains(path) == true || unreachable.contains(old) {
        if !saved.contains(old) { files[path] = isGone ? .gone : .changed }
      } else if others.contains(path), isGone || Self.emptyBlobs.contains(Array(fields[3])) {
        files[path] = isGone ? .gone : .changed
      }
    }
    for line in sections[0].flatMap({ $0.split(separator: 10) }) {
      let words = line.split(separator: 0x20, maxSplits: 1)
      guard words.count == 2 else { continue }
      let name = DisplayText.line(words[1])
      if words[0].elementsEqual("lost".utf8) { references.append("`\(name)` (gone)") }
      if words[0].elementsEqual("dropped".utf8) { references.append("the stash \(name.prefix(12)) (gone)") }
    }
  }

  /// The file without content, by SHA-1 and by SHA-256.
  private static let emptyBlobs: Set<[UInt8]> = [
    Array("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391".utf8),
    Array("473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813".utf8),
  ]

  private static func objects(_ section: [ArraySlice<UInt8>]) -> Set<[UInt8]> {
    Set(section.flatMap { $0.split(separator: 10) }.map { Array($0.prefix { $0 != 0x20 }) })
  }

  /// Keeps account of the work in a repository, in a directory of its own; the first run writes down what there is,
  /// the second compares.
  ///
  /// Arguments: the directory, and `before`, `after`, or `never` where nothing is to be compared. It
  /// ends with 4 where there is no repository, and with 3 where there is one that cannot be read.
  static let script = #"""
    dir=$1
    if [ "$2" = never ]; then exec rm -rf -- "$dir"; fi
    [ -e .git ] || exit 4
    exec 2>/dev/null
    export GIT_OPTIONAL_LOCKS=0
    g() { git -c safe.directory='*' -c core.fsmonitor=false -c core.compression=0 -c core.bigFileThreshold=8m "$@"; }
    w() {
      GIT_INDEX_FILE=$dir/index GIT_OBJECT_DIRECTORY=$dir/objects GIT_ALTERNATE_OBJECT_DIRECTORIES=$objects g "$@"
    }
    # Contents are copied for the while; where they are very much, nobody compares.
    size=$(g ls-files -z -o -m --exclude-standard | du -cb --files0-from=- | tail -n 1 | cut -f 1)
    [ "${size:-0}" -le 67108864 ] || exit 3
    objects=$(g rev-parse --path-format=absolute --git-path objects) || exit 3
    mkdir -p -m 700 "$dir/objects" || exit 3
    # With its time, by which git tells what may have changed since.
    cp -p -- "$(g rev-parse --git-path index)" "$dir/index" || rm -f "$dir/index"
    w add -A --ignore-errors . >/dev/null
    tree=$(w write-tree) || exit 3
    head=$(g rev-parse -q --verify 'HEAD^{commit}')
    base=${head:-$(w hash-object -t tree -w /dev/null)}
    stashes=$(g rev-parse -q --verify refs/stash >/dev/null && g stash list --format=%H)
    facts() {
      printf 'tree %s\nhead %s\nbase %s\n' "$tree" "$head" "$base"
      g for-each-ref --format='ref %(objectname) %(refname)'
      for id in $stashes; do printf 'stash %s\n' "$id"; done
      printf 'index %s\n' "$(g ls-files -s -v | g hash-object --stdin)"
      for name in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD REBASE_HEAD; do
        id=$(g rev-parse -q --verify "$name^{commit}") && printf 'other %s\n' "$id"
      done
      true
    }
    if [ "$2" = before ]; then
      facts >"$dir/before" && cat "$dir/before"
      exit
    fi
    facts >"$dir/after"
    cat "$dir/after"
    # Whether the files of a stash are in the workspace as it holds them.
    applied() (
      export GIT_OBJECT_DIRECTORY=$dir/objects GIT_ALTERNATE_OBJECT_DIRECTORIES=$objects
      same() { xargs -0 -r git --literal-pathspecs -c safe.directory='*' diff-tree -r --quiet "$1" "$tree" --; }
      g diff-tree -r -z --no-renames --name-only "$1^1" "$1" | same "$1" || exit
      id=$(g rev-parse -q --verify "$1^3") || exit 0
      g ls-tree -r -z --name-only "$id" | same "$id"
    )
    old=() others=() first= start=
    while read -r kind id name; do
      case $kind in
        tree) first=$id ;;
        base) start=$id ;;
        head) [ -z "$id" ] || old+=("$id") ;;
        other) others+=("$id") ;;
        ref)
          old+=("$id")
          if [ "$name" != refs/stash ] && ! g rev-parse -q --verify "$name" >/dev/null &&
            { ! g cat-file -e "$id" || [ -n "$(g rev-list -n 1 "$id" --not --all)" ]; }; then
            printf 'lost %s\n' "${name#refs/heads/}"
          fi ;;
        stash)
          old+=("$id")
          case " ${stashes//$'\n'/ } " in
            *" $id "*) ;;
            *) applied "$id" || printf 'dropped %s\n' "$id" ;;
          esac ;;
      esac
    done <"$dir/before"
    # A text that may be empty, as a record that is not.
    end() { printf '\n\0\0'; }
    end
    w diff-tree -r -z --no-renames "$first" "$tree" || exit 3
    printf '\0'
    w diff-tree -r -z --no-renames --name-only "$base" "$tree" || exit 3
    printf '\0'
    { for id in $head $stashes; do echo "$id"; done; for id in "${old[@]}"; do echo "^$id"; done; } |
      g rev-list --objects --ignore-missing --all --stdin
    end
    [ "$start" = "$base" ] || g rev-list --objects --ignore-missing "$start" --not --all $stashes
    end
    for id in "$start" "${others[@]}"; do
      w diff-tree -r -z --no-renames --name-only "$id" "$first" || exit 3
      printf '\0'
    done
    rm -rf -- "$dir"
    """#
}
