<?php

declare(strict_types=1);

namespace CrowdSky\Timekeeping;

use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;

/**
 * Lets nothing be deleted by one reading of one clock: a run marks what is due, and a later run may delete it.
 *
 * Between the two lie at least confirm_hours that have certainly passed, and what is not due any more, because the clock
 * was corrected or its owner came back, loses its mark. A mark changes nothing else.
 */
final class DueMarks
{
    public function __construct(
        private readonly Database $database,
        private readonly int $confirmHours,
    ) {
    }

    /**
     * Returns which of the things that are due may be deleted now, and marks the others.
     *
     * @param list<int|string> $due everything of this kind that is due, at most 500 characters each
     * @return list<int|string> none as long as the clock is in doubt
     */
    public function confirmed(CleanupRun $run, DueKind $kind, array $due): array
    {
        if ($run->doubt !== null) {
            return [];
        }
        $marks = $this->marks($kind);
        if (!$run->dryRun) {
            $this->update($run, $kind, $marks, array_map(strval(...), $due));
        }
        $isConfirmed = fn (int|string $subject): bool => isset($marks[$subject])
            && $marks[$subject]['run'] < $run->id
            && $run->provenSeconds - $marks[$subject]['proven'] >= 3600 * $this->confirmHours;
        $confirmed = array_values(array_filter($due, $isConfirmed));
        $run->waiting += count($due) - count($confirmed);
        return $confirmed;
    }

    /**
     * @param array<array{run: int, proven: int}> $marks by subject
     * @param list<string> $due
     */
    private function update(CleanupRun $run, DueKind $kind, array $marks, array $due): void
    {
        $gone = array_diff(array_map(strval(...), array_keys($marks)), $due);
        $new = array_filter($due, static fn (string $subject): bool => !isset($marks[$subject]));
        try {
            $this->database->transaction(function () use ($run, $kind, $gone, $new): void {
                foreach ($gone as $subject) {
                    $this->database->execute('DELETE FROM due_marks WHERE kind = ? AND subject = ?', [$kind->value, $subject]);
                }
                foreach ($new as $subject) {
                    $this->database->insert('due_marks', [
                        'kind' => $kind->value,
                        'subject' => $subject,
                        'run_id' => $run->id,
                        'proven_seconds' => $run->provenSeconds,
                    ]);
                }
            });
        } catch (DuplicateKey) {
            // Another cleanup is running and has just marked the same.
        }
    }

    /** @return array<array{run: int, proven: int}> by subject */
    private function marks(DueKind $kind): array
    {
        $marks = [];
        foreach ($this->database->all('SELECT subject, run_id, proven_seconds FROM due_marks WHERE kind = ?', [$kind->value]) as $row) {
            $marks[$row['subject']] = ['run' => (int) $row['run_id'], 'proven' => (int) $row['proven_seconds']];
        }
        return $marks;
    }
}
