<?php
/**
 * @var list<CrowdSky\Stacks\Stack> $stacks
 * @var array<int, string> $localStarts  stack id => start in local time, where UTC is not known
 * @var int $total
 * @var CrowdSky\Pages\Pager $pager
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Base\Format;
use CrowdSky\Results\ResultKind;
use CrowdSky\Sky\Visibility;

?>
<h1>My stacks</h1>
<?php if ($stacks === []) : ?>
<div class="empty">
    <p>No stack yet. A chunk appears here as soon as a worker has stacked it.</p>
    <p><a class="button" href="upload.php">Upload subs</a> <a class="button second" href="status.php">See what is queued</a></p>
</div>
<?php else : ?>
<p><?= $e(Format::count($total, 'stack', 'stacks')) ?>, latest first.</p>
<ul class="cards">
<?php foreach ($stacks as $stack) : ?>
    <li class="card">
        <a class="picture" href="stack.php?id=<?= $e($stack->id) ?>">
<?php if ($stack->has(ResultKind::Thumbnail)) : ?>
            <img src="thumbnail.php?id=<?= $e($stack->id) ?>" alt="Stack of <?= $e($stack->objectName ?? 'an unnamed object') ?>" loading="lazy">
<?php else : ?>
            <span>no thumbnail</span>
<?php endif ?>
        </a>
        <p class="mark"><?= $partial('solved_mark', ['isSolved' => $stack->isSolved]) ?></p>
        <h2><a href="stack.php?id=<?= $e($stack->id) ?>"><?= $e($stack->objectName ?? 'Unnamed object') ?></a></h2>
<?php if ($stack->damagedAt !== null) : ?>
        <p class="problem">Damaged in the archive. <a href="stack.php?id=<?= $e($stack->id) ?>">What to do</a></p>
<?php endif ?>
<?php if (Visibility::isPublic($stack)) : ?>
        <p class="hint">public</p>
<?php endif ?>
        <p><?= isset($localStarts[$stack->id]) ? $e(Format::localTime($localStarts[$stack->id])) : $time($stack->dateObsStart) ?><br>
            <?= $e($stack->framesAligned) ?> of <?= $e(Format::count($stack->framesInput, 'sub', 'subs')) ?>,
            <?= $e(Format::seconds($stack->totalExposure)) ?></p>
<?php if ($stack->damagedAt === null) : ?>
        <p class="actions small"><a class="button second" href="download.php?id=<?= $e($stack->id) ?>">Download
            <span class="hint"><?= $e(Format::bytes($stack->bytes)) ?></span></a></p>
<?php endif ?>
    </li>
<?php endforeach ?>
</ul>
<?= $partial('pager', ['pager' => $pager]) ?>
<?php endif ?>
