<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Fits\CardTable;

/**
 * Telescopes and filters as workers see them: what public copies of stacks show, and for telescopes a pseudonym of the
 * unit. Colour terms belong to one of them, so that two must not get the same name.
 */
final class TelescopeNames
{
    private const UNKNOWN = 'telescope';
    private const OTHER_FILTER = 'other';

    /** @param string $secret of this site, without which nobody can find out whose a unit is */
    public function __construct(private readonly string $secret)
    {
    }

    /** @param string|null $telescope as the stack has it */
    public function telescope(?string $telescope, int $userId): string
    {
        $shown = CardTable::get()->publicText('TELESCOP', $telescope) ?? self::UNKNOWN;
        return "{$shown}_" . $this->pseudonym("telescope $telescope of user $userId", 8);
    }

    /** @param string|null $filter as the stack has it */
    public function filter(?string $filter): string
    {
        $shown = CardTable::get()->publicText('FILTER', $filter);
        return match (true) {
            $filter === null => '',
            $shown === null || strlen($shown) > ObservationsFile::FILTER_CHARACTERS => self::OTHER_FILTER . '_' . $this->pseudonym("filter $filter", 8),
            default => $shown,
        };
    }

    private function pseudonym(string $text, int $digits): string
    {
        return substr(hash_hmac('sha256', $text, $this->secret), 0, $digits);
    }
}
