-- Catalogues of variable stars. The one in use is the latest that has imported_at; the others are being written or deleted.
CREATE TABLE IF NOT EXISTS variable_catalogues (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_name TEXT NOT NULL,
    stars INTEGER NOT NULL,
    imported_at TEXT NULL
);
