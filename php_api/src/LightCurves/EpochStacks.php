<?php

declare(strict_types=1);

namespace CrowdSky\LightCurves;

use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\Viewer;
use CrowdSky\Sky\Visibility;

/** Of which stacks epochs are. */
final class EpochStacks
{
    public function __construct(private readonly Database $database)
    {
    }

    public static function of(App $app): self
    {
        return new self($app->database());
    }

    /**
     * @param list<int> $epochs
     * @return array<int, int> stack by epoch, of those stacks that the viewer sees
     */
    public function seen(array $epochs, Viewer $viewer): array
    {
        if ($epochs === []) {
            return [];
        }
        $marks = implode(', ', array_fill(0, count($epochs), '?'));
        $visible = Visibility::condition($viewer);
        $sql = 'SELECT e.id, e.stack_id FROM epochs e JOIN ' . Visibility::FROM . " ON s.id = e.stack_id WHERE e.id IN ($marks) AND {$visible->sql}";
        $stacks = [];
        foreach ($this->database->all($sql, [...$epochs, ...$visible->values]) as $row) {
            $stacks[(int) $row['id']] = (int) $row['stack_id'];
        }

        return $stacks;
    }
}
