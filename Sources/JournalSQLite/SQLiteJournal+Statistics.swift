package import Journal

extension SQLiteJournal: JournalStatistics {}
