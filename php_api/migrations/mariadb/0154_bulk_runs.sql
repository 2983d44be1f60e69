-- What an admin does with many jobs or stacks at once, in pieces. ids is a list with commas, done the number of those that were
-- looked at; state is what a job must still be, where it was chosen by that. reasons is JSON: why others stay as they are.
CREATE TABLE IF NOT EXISTS bulk_runs (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT UNSIGNED NOT NULL,
    action VARCHAR(16) CHARACTER SET ascii NOT NULL,
    options VARCHAR(500) NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii NULL,
    ids LONGTEXT CHARACTER SET ascii NOT NULL,
    total INT NOT NULL,
    done INT NOT NULL DEFAULT 0,
    changed INT NOT NULL DEFAULT 0,
    reasons LONGTEXT NOT NULL,
    return_to VARCHAR(1000) NOT NULL,
    created_at VARCHAR(32) CHARACTER SET ascii NOT NULL,
    updated_at VARCHAR(32) CHARACTER SET ascii NOT NULL,
    KEY bulk_runs_user (user_id, id),
    CONSTRAINT bulk_runs_of FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
