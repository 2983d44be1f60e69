<?php
/**
 * @var string $damagedAt when the stack was first found damaged
 * @var CrowdSky\Jobs\Job $job that makes it
 * @var Closure $e
 * @var Closure $time
 */
?>
<p class="problem">The file of this stack is missing from the archive or damaged there; this was found on <?= $time($damagedAt) ?>.
<?php if ($job->status->isFinished()) : ?>
    Upload its subs again, and it is stacked again under the same number: <a href="upload.php">Upload subs</a>.
    If the file is put back, it counts again from the next cleanup on.
<?php else : ?>
    Its subs are being stacked again by <a href="job.php?id=<?= $e($job->id) ?>">job <?= $e($job->id) ?></a>; there is nothing to do.
<?php endif ?>
</p>
