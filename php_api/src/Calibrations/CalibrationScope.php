<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

/** Of which epochs a calibration is solved: the public ones of a field, or all that one user sees of it. */
final class CalibrationScope
{
    private const PSEUDONYM_DIGITS = 8;

    /** @param int $ownerId 0 for the public scope */
    public function __construct(public readonly int $fieldId, public readonly int $ownerId)
    {
    }

    public function isPublic(): bool
    {
        return $this->ownerId === 0;
    }

    /**
     * Name in the queue, in place of a chunk's key. Workers see it, so it shows nobody's id.
     *
     * @param string $secret of this site
     */
    public function key(string $secret): string
    {
        $key = "calibrate_{$this->fieldId}";
        return $this->isPublic() ? $key : "{$key}_" . substr(hash_hmac('sha256', "scope of user {$this->ownerId}", $secret), 0, self::PSEUDONYM_DIGITS);
    }

    /** For people to read. */
    public function title(): string
    {
        return "Field {$this->fieldId} of the sky" . ($this->isPublic() ? '' : ', with private stacks');
    }
}
