-- Of stacks that share light, which count for whom: viewer_id 0 is the public, -1 who sees all, others are owners of one of them,
-- whose rows go before those of the public. light_in is the stack that has the light of one that does not count; NULL: it counts.
-- repeated is the share of its subs that are in a stack before it.
CREATE TABLE IF NOT EXISTS light_choices (
    stack_id BIGINT UNSIGNED NOT NULL,
    viewer_id BIGINT NOT NULL,
    light_in BIGINT UNSIGNED NULL,
    repeated DOUBLE NOT NULL,
    PRIMARY KEY (stack_id, viewer_id),
    KEY light_choices_in (light_in),
    CONSTRAINT light_choices_of_stack FOREIGN KEY (stack_id) REFERENCES stacked_frames (id) ON DELETE CASCADE,
    CONSTRAINT light_choices_of_light FOREIGN KEY (light_in) REFERENCES stacked_frames (id) ON DELETE SET NULL
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
