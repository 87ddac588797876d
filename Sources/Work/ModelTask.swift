package import Base

/// A task that a job gives to a model: files to work on, and what is to be done with them.
package struct ModelTask: Sendable, Hashable, Codable {
  /// Names the task within its run; a run that is taken up again gives the same tasks under the same names.
  package var name: String
  /// The commit that is checked out for the model.
  package var commit: ObjectID
  /// The files that the model finds, where they are not the commit's.
  package var tree: ObjectID?
  /// What is to be done.
  package var text: String
  /// What else is said where the model's copy has its history.
  package var textWithHistory: String?
  /// The model, as `PROVIDER/NAME`; `nil` for the job's first.
  package var model: String?
  /// Run in the model's workspace before it begins, one line of `sh` each; what they write is no change of the model's.
  package var setup: [String]
  /// One part in so many of what is left of the budget is for this task: how many tasks are given side by side.
  package var share: Int

  package init(
    name: String, commit: ObjectID, tree: ObjectID? = nil, text: String, textWithHistory: String? = nil,
    model: String? = nil, setup: [String] = [], share: Int = 1
  ) {
    self.name = name
    self.commit = commit
    self.tree = tree
    self.text = text
    self.textWithHistory = textWithHistory
    self.model = model
    self.setup = setup
    self.share = max(1, share)
  }

  /// What is to be done, for a copy with its history or for one without.
  package func text(hasHistory: Bool) -> String {
    guard hasHistory, let textWithHistory else { return text }
    return text + "\n\n" + textWithHistory
  }
}

/// What a model made of a task.
package struct ModelWork: Sendable, Hashable, Codable {
  /// The model's own run, with everything that it did.
  package var run: RunID
  /// The model, as `PROVIDER/NAME`.
  package var model: String
  package var outcome: AgentOutcome
  /// The files as the model left them, in the repository of the job's workspace; ignored files are not in it.
  package var tree: ObjectID
  /// What differs and is not in the tree: too large to keep, unreadable, or of a name that git refuses.
  package var leftOut: [RepositoryPath]
  /// What was changed in between and is in the end as it was.
  package var changedBack: [RepositoryPath]

  package init(
    run: RunID, model: String, outcome: AgentOutcome, tree: ObjectID, leftOut: [RepositoryPath] = [],
    changedBack: [RepositoryPath] = []
  ) {
    self.run = run
    self.model = model
    self.outcome = outcome
    self.tree = tree
    self.leftOut = leftOut
    self.changedBack = changedBack
  }
}

/// What carries out tasks with a model.
package protocol ModelTaskPerforming: Sendable {
  /// Lets a model work on a task until it has ended; a task that was interrupted goes on where it was.
  ///
  /// - Throws: what keeps the model from being asked at all, ``ModelOutOfReach`` where the task waits for better times;
  ///   however its work ends otherwise is told by the outcome.
  func perform(_ task: ModelTask) async throws -> ModelWork
}
