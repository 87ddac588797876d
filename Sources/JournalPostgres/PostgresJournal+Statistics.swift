internal import Journal

extension PostgresJournal: JournalStatistics {}
