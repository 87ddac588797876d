package import Base
package import Work

/// Names one worker process, for as long as it lives.
package struct WorkerID: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The name: the host, the process's number and a random part are a good one.
  package let text: String

  /// The worker of this name.
  package init(_ text: String) {
    self.text = text
  }

  package init(from decoder: any Decoder) throws {
    text = try decoder.singleValueContainer().decode(String.self)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  package var description: String { text }
}

/// The right to carry out one job, until somebody else gets it.
///
/// Every operation on a run shows it, and one that is no longer good is refused with ``JournalError/staleFence``.
package struct Claim: Sendable, Hashable {
  /// The job's number in its database.
  package let job: Int64
  /// The fencing token: each claim of the job has a higher one than the last.
  package let fence: Int64

  package init(job: Int64, fence: Int64) {
    self.job = job
    self.fence = fence
  }
}

/// A job that a worker has taken.
package struct ClaimedJob: Sendable, Hashable {
  package var claim: Claim
  package var job: Job
  package var worker: WorkerID
  /// Which try this is, counted from one; at most ``Attempts/limit``.
  package var attempt: Int
  /// When the claim may be given to another worker unless it is renewed.
  package var leaseExpires: Timestamp

  package init(claim: Claim, job: Job, worker: WorkerID, attempt: Int, leaseExpires: Timestamp) {
    self.claim = claim
    self.job = job
    self.worker = worker
    self.attempt = attempt
    self.leaseExpires = leaseExpires
  }
}

/// How often a job is tried: nothing is tried for ever.
package enum Attempts {
  /// The most tries that a job gets.
  package static let limit = 5

  /// The most tries of a job whose workers end without a word: killed, or by the power going off.
  ///
  /// It is higher, because that is seldom the job's fault; not by much, because where it is, each try costs a worker.
  package static let deathLimit = 8

  /// Whether a job whose worker ended without a word may have another try.
  package static func mayRetryAfterDeath(after attempts: Int) -> Bool { attempts < deathLimit }

  /// Whether a job that has had so many tries without coming to an end may have another.
  package static func mayRetry(after attempts: Int) -> Bool { attempts < limit }

  /// How the run of a job is closed that has had all its tries.
  package static func givingUp(after attempts: Int, because reason: String) -> Closing {
    Closing(verdict: .failed, summary: "given up after \(attempts) tries: \(reason)")
  }
}

/// Which jobs of a journal a worker takes: several kinds of workers may share a database.
package indirect enum JobShare: Sendable, Hashable {
  case all
  /// Those of one repository, a bare one by its path.
  case repository(String)
  /// Those of repositories on forges, whose names are no paths.
  case forges
  /// Reports of forges that are to be attended to, and nothing else: one may end the work that runs, so it must not wait
  /// for a worker that has all hands full of that.
  case reports
  /// Those of repositories on forges, without the reports.
  case work
  /// Those of a share that are about repositories on one forge: a forge that is away must not hold up another.
  case on(ForgeName, JobShare)

  /// Whether a job is among them.
  package func holds(_ job: Job) -> Bool {
    switch self {
    case .all: true
    case .repository(let name): job.pullRequest.repository == name
    case .forges: !job.pullRequest.repository.hasPrefix("/")
    case .reports: job.kind == .attend
    case .work: JobShare.forges.holds(job) && job.kind != .attend
    case .on(let forge, let share):
      job.pullRequest.repository.hasPrefix(forge.repositoryMark) && share.holds(job)
    }
  }
}

/// Which running jobs are taken to be abandoned.
package enum Abandonment: Sendable, Hashable {
  /// Every job of these that another worker holds: right where a lock admits one worker at a time to them.
  case heldByOthers(than: WorkerID, of: JobShare = .all)
  /// Every job whose lease has run out: right where there are many workers.
  case leaseExpired
}

/// What became of the jobs that dead workers had left.
package struct Recovery: Sendable, Hashable {
  /// These wait again.
  package var requeued: [Job]
  /// These had their last try and were finished as failed.
  package var givenUp: [Job]
  /// These were pointless by now and had published nothing.
  package var superseded: [Job]

  package init(requeued: [Job] = [], givenUp: [Job] = [], superseded: [Job] = []) {
    self.requeued = requeued
    self.givenUp = givenUp
    self.superseded = superseded
  }
}

/// Why a worker gives a job back that it did not finish.
package enum Release: Sendable, Hashable {
  /// The worker was asked to end. The try does not count.
  case handedBack
  /// Something failed that may be right again later. The try counts.
  case failed(reason: String, notBefore: Timestamp)
  /// Something outside is not there, which is no fault of the job's. The try does not count.
  case postponed(notBefore: Timestamp)
}

/// What accepting a delivery changed.
package struct Acceptance: Sendable, Hashable {
  /// Whether the delivery was unknown; if it was known, nothing was changed.
  package var isNew: Bool
  /// The jobs that now wait because of it.
  package var queued: [JobKey]
  /// The jobs that it made pointless, among them its own where a newer event of their branch was known.
  package var superseded: [JobKey]

  package init(isNew: Bool, queued: [JobKey] = [], superseded: [JobKey] = []) {
    self.isNew = isNew
    self.queued = queued
    self.superseded = superseded
  }
}

/// A job that waits or runs.
package struct PendingJob: Sendable, Hashable {
  package var job: Job
  /// The worker that has it; `nil` while it waits.
  package var worker: WorkerID?
  /// How many tries it has had, the present one included.
  package var attempts: Int
  /// When it may be taken at the earliest.
  package var notBefore: Timestamp

  package init(job: Job, worker: WorkerID?, attempts: Int, notBefore: Timestamp) {
    self.job = job
    self.worker = worker
    self.attempts = attempts
    self.notBefore = notBefore
  }
}
