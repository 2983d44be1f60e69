-- Hashes of the public copies of stacks: of which file, and by which version of the rules. A row is replaced when either
-- has changed.
CREATE TABLE IF NOT EXISTS public_stacks (
    stack_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    rule INT UNSIGNED NOT NULL,
    source_sha256 CHAR(64) NOT NULL,
    sha256 CHAR(64) NOT NULL,
    created_at DATETIME NOT NULL,
    CONSTRAINT public_stacks_stack FOREIGN KEY (stack_id) REFERENCES stacked_frames (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
