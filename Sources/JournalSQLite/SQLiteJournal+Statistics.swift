internal import Journal

extension SQLiteJournal: JournalStatistics {}
