-- Stacks whose light went into another one, so that their address leads there.
CREATE TABLE IF NOT EXISTS superseded_stacks (
    id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    stack_id BIGINT UNSIGNED NOT NULL,
    KEY superseded_stacks_by (stack_id),
    CONSTRAINT superseded_stacks_stack FOREIGN KEY (stack_id) REFERENCES stacked_frames (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
