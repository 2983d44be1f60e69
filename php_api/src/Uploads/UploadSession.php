<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** One batch of subs that is being uploaded. */
final class UploadSession
{
    public const UPLOADING = 'uploading';
    public const COMPLETE = 'complete';
    /** Ended by its owner, who did not want it stacked. */
    public const DISCARDED = 'discarded';

    public function __construct(
        public readonly int $id,
        public readonly int $userId,
        public readonly string $token,
        public readonly string $status,
    ) {
    }

    /** @param array<string, mixed> $row of the table upload_sessions */
    public static function fromRow(array $row): self
    {
        return new self((int) $row['id'], (int) $row['user_id'], (string) $row['session_token'], (string) $row['status']);
    }
}
