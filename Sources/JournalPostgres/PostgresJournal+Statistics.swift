package import Journal

extension PostgresJournal: JournalStatistics {}
