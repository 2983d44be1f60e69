-- Files in storage that a rescan has replaced. cleanup deletes them once delete_due_at has passed and the stack that
-- took their place has been read back.
CREATE TABLE IF NOT EXISTS replaced_objects (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    stack_id BIGINT UNSIGNED NOT NULL,
    path VARCHAR(512) NOT NULL,
    delete_due_at DATETIME NOT NULL,
    KEY replaced_objects_stack (stack_id),
    CONSTRAINT replaced_objects_stack_row FOREIGN KEY (stack_id) REFERENCES stacked_frames (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
