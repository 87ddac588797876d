package import Base

/// Everything that a verdict rests on.
package struct VerdictEvidence: Sendable, Hashable {
  /// The head as the run found it, one for each execution; the verdict wants three.
  package var start: [TestStanding]
  /// What is to be repaired, where that is not all that is red at the start: what fails at the base too is left alone.
  package var wanted: Set<RedItem>?
  /// The base of the branch, where it was run.
  package var base: TestStanding?
  /// Whether the branch itself takes tests away, so that the base may rightly have more of them.
  package var branchRemovesTests = false
  /// The head with the patch without its edits to what is sealed, one for each execution; the verdict wants three.
  package var unsealed: [TestStanding]
  /// The head with all of the patch; empty where the patch has no edits to what is sealed.
  package var whole: [TestStanding] = []
  /// The patch in its two parts.
  package var split: PatchSplit
  /// What the look at the patch found; see ``PatchInspection``.
  package var suspicions: [PatchSuspicion] = []
  /// Answers that seem to be written into the patch; see ``HardCodedAnswers``.
  package var hardCoded: [HardCodedAnswer] = []
  /// What runs the tests after `setup` at the head, by path or by a command's word; see
  /// ``compareRunners(head:patched:setup:)``.
  package var runnersBefore: [String: String] = [:]
  /// The same with the patch; `nil` where that was not looked at.
  package var runnersAfter: [String: String]?
  /// Whether the patch changes by what `setup` chooses packages, so that other runners may come of it rightly.
  package var choosesPackages = false
  /// What is otherwise with the runners, a line each, where it is known in words; as a stage tells it.
  package var runnerChanges: [String] = []
  /// Tests that pass with the patch whatever they expect, a line each; see ``BiteCheck``.
  package var toothless: [String] = []
  /// What no run with other expectations has shown to be able to fail with the patch.
  ///
  /// It is `nil` where that was not looked at. See ``BiteCheck``.
  package var unshown: Set<RedItem>?
  /// What is otherwise with the patch where the home and the user have other names, and is not without it, a line each;
  /// see ``ElsewhereCheck``.
  package var elsewhere: [String] = []
  /// What is otherwise there without the patch as well, a line each.
  package var usualElsewhere: [String] = []
  /// Sealed files that were changed while the patch was made and have their old content again.
  package var changedBack: [RepositoryPath] = []
  /// Tracked files that the commands changed at the start; see `TestExecution.changedTracked`.
  package var startChanged: Set<RepositoryPath> = []
  /// Tracked files that the commands changed with the patch applied.
  package var patchChanged: Set<RepositoryPath> = []
  /// Those among them that are sealed.
  package var isSealed: Set<RepositoryPath> = []
  /// Why tests could not be run, in the order of the attempts; each is a line.
  package var faults: [String] = []
  /// Why `setup` fails with the patch and not without it, a line each: a repair that cannot be built is none.
  package var brokenSetup: [String] = []
  /// The directories that hold tests, as the tree names them.
  package var testDirectories: Set<String> = []
  /// How many executions in a row are wanted of a patch.
  package var rounds = 3
  /// How many are wanted of the head, where what hangs is run once; `nil` for as many.
  package var startRounds: Int?

  package init(start: [TestStanding], unsealed: [TestStanding], split: PatchSplit) {
    self.start = start
    self.unsealed = unsealed
    self.split = split
  }
}
