<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Chunks\Closeness;

/** The subs of an upload, sorted: its chunks, and the subs that show light of an earlier sub of the same upload. */
final class UploadedLight
{
    /**
     * @param list<non-empty-list<RawSub>> $chunks each in order of time
     * @param list<array{RawSub, SameLight}> $copies
     */
    private function __construct(public readonly array $chunks, public readonly array $copies)
    {
    }

    /** @param list<RawSub> $subs in order of time */
    public static function of(array $subs, Closeness $closeness): self
    {
        // The first that arrived is kept, whatever time the header of a copy has.
        $arrived = $subs;
        usort($arrived, fn (RawSub $one, RawSub $other) => $one->frame->id <=> $other->frame->id);
        $seen = new SeenLight();
        [$copies, $isCopy] = [[], []];
        foreach ($arrived as $sub) {
            $same = $seen->find($sub);
            if ($same === null) {
                $seen->add($sub);
            } else {
                $copies[] = [$sub, $same];
                $isCopy[$sub->frame->id] = true;
            }
        }
        $kept = array_values(array_filter($subs, fn (RawSub $sub) => !isset($isCopy[$sub->frame->id])));

        return new self(RawSub::chunks($kept, $closeness), $copies);
    }
}
