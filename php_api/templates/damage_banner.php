<?php
/**
 * @var list<CrowdSky\Stacks\Stack> $damaged found latest first
 * @var int $nDamaged how many there are
 * @var Closure $e
 */
use CrowdSky\Base\Format;

if ($nDamaged > 0) : ?>
<p class="problem" role="alert"><strong><?= $e(Format::count($nDamaged, 'stack is', 'stacks are')) ?> missing from storage or damaged there:</strong>
    <?= implode(', ', array_map(static fn ($stack): string => "<a href=\"stack.php?id={$e($stack->id)}\">stack {$e($stack->id)}</a>", $damaged)) ?>
<?= $nDamaged > count($damaged) ? ' and others' : '' ?>.
    Look at the storage first: files that are put back count again from the next cleanup on. The owners see it on their pages.</p>
<?php endif ?>
