<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Keys\StoredKey;

/** A worker's key to a part of the API, and how far it is trusted. It holds not the key itself. */
final class ApiKey extends StoredKey
{
    /** consecutive confirmed results of a volunteer */
    public readonly int $agreedInRow;
    /** since when the key gets no work because one of its results was found wrong */
    public readonly ?string $quarantinedAt;
    public readonly ?string $quarantineReason;

    public function level(): TrustLevel
    {
        return TrustLevel::ofScopes($this->scopes);
    }

    protected function read(array $row): void
    {
        $this->agreedInRow = (int) $row['agreed_in_row'];
        $this->quarantinedAt = $row['quarantined_at'];
        $this->quarantineReason = $row['quarantine_reason'];
    }
}
