<?php
/**
 * @var CrowdSky\Stacks\Stack $stack
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\View\Format;

?>
<p class="trail"><a href="stacks.php">My stacks</a></p>
<h1><?= $e($stack->objectName ?? 'Unnamed object') ?></h1>
<div class="stack">
    <div class="picture">
<?php if ($stack->thumbnailPath !== null) : ?>
        <img src="thumbnail.php?id=<?= $e($stack->id) ?>" alt="Preview of the stack">
<?php else : ?>
        <span>no thumbnail</span>
<?php endif ?>
    </div>
    <div>
        <p class="actions"><a class="button" href="download.php?id=<?= $e($stack->id) ?>">Download FITS
            <span class="hint"><?= $e(Format::bytes($stack->bytes)) ?></span></a></p>
<?php foreach ($stack->notes as $note) : ?>
        <p class="note"><?= $e($note) ?></p>
<?php endforeach ?>
        <dl class="facts-list">
            <dt>Begin</dt><dd><?= $time($stack->dateObsStart) ?></dd>
            <dt>End</dt><dd><?= $time($stack->dateObsEnd) ?></dd>
            <dt>Subs combined</dt><dd><?= $e($stack->framesAligned) ?> of <?= $e($stack->framesInput) ?></dd>
            <dt>Exposure</dt><dd><?= $e(Format::seconds($stack->totalExposure)) ?></dd>
            <dt>Pointing</dt><dd><?= $e(Format::position($stack->ra, $stack->dec)) ?></dd>
            <dt>Stars found</dt><dd><?= $e($stack->starsDetected ?? Format::NONE) ?></dd>
            <dt>Telescope</dt><dd><?= $e($stack->telescope ?? Format::NONE) ?></dd>
            <dt>Filter</dt><dd><?= $e($stack->filter ?? Format::NONE) ?></dd>
            <dt>Chunk</dt><dd><code><?= $e($stack->chunkKey) ?></code> <span class="hint"><?= $e($stack->healpixKey) ?></span></dd>
            <dt>Stacked</dt><dd><?= $time($stack->createdAt) ?> by <?= $e($stack->workerName ?? 'a worker') ?><?= $stack->engine === null ? '' : ', ' . $e($stack->engine) ?></dd>
            <dt>SHA-256</dt><dd><code class="long"><?= $e($stack->sha256) ?></code></dd>
        </dl>
        <p><a href="job.php?id=<?= $e($stack->jobId) ?>">Job <?= $e($stack->jobId) ?>: subs, history, delete</a></p>
    </div>
</div>
