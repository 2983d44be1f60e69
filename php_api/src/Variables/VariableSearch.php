<?php

declare(strict_types=1);

namespace CrowdSky\Variables;

use CrowdSky\Base\Refusal;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Sky\Cone;

/** Finds stars of the catalogue in use, in the order of its file. */
final class VariableSearch
{
    private const CURSOR = '/^(\d{1,18})~(\d{1,9})$/D';
    private const QUERY = 'SELECT s.number, s.name, s.ra_deg, s.dec_deg, s.type, s.period, s.max_mag, s.min_mag, s.band FROM variable_stars s';

    public function __construct(private readonly Database $database, private readonly VariableCatalogue $catalogue)
    {
    }

    /**
     * @param string|null $after `next` of the page before; null for the first page
     * @throws Refusal for a cursor that is none, or of another catalogue
     */
    public function inCone(Cone $cone, int $limit, ?string $after): VariablePage
    {
        return $this->page($cone, null, $limit, $after);
    }

    /** As inCone(), with the pixels of the stars in the picture. */
    public function inPicture(PictureArea $picture, int $limit, ?string $after): VariablePage
    {
        return $this->page($picture->around, $picture, $limit, $after);
    }

    private function page(Cone $cone, ?PictureArea $picture, int $limit, ?string $after): VariablePage
    {
        // The sums keep the databases from the primary key, by which they would walk through the whole catalogue.
        $where = Condition::all(
            $cone->condition(),
            new Condition('s.catalogue_id + 0 = ? AND s.number + 0 > ?', [$this->catalogue->id, $this->numberOf($after)]),
        );
        // How many of those around a picture are in it is known only by looking.
        $most = $picture === null ? sprintf(' LIMIT %d', $limit + 1) : '';
        $found = [];
        foreach ($this->database->each(self::QUERY . " WHERE {$where->sql} ORDER BY s.number + 0$most", $where->values) as $row) {
            $star = VariableStar::fromRow($row);
            $pixel = $picture?->pixelOf($star);
            if ($picture === null || $pixel !== null) {
                $found[] = new FoundVariable($star, (int) $row['number'], $pixel[0] ?? null, $pixel[1] ?? null);
            }
            if (count($found) > $limit) {
                $stars = array_slice($found, 0, $limit);
                return new VariablePage($stars, "{$this->catalogue->id}~{$stars[$limit - 1]->number}");
            }
        }

        return new VariablePage($found, null);
    }

    private function numberOf(?string $after): int
    {
        if ($after === null) {
            return 0;
        }
        if (preg_match(self::CURSOR, $after, $match) !== 1) {
            throw Refusal::badInput("'after' must be the value of 'next' of the page before");
        }

        return (int) $match[1] === $this->catalogue->id
            ? (int) $match[2]
            : throw Refusal::badInput("'after' belongs to a catalogue that was replaced; begin with the first page");
    }
}
