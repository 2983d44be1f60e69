<?php
/**
 * @var CrowdSky\Operations\QueueState $queue
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Base\Format;

if (!$queue->isStalled) {
    return;
}
?>
<p class="problem" role="alert"><strong>The queue stands still.</strong> 
<?php if ($queue->waiting > 0) : ?>
    <?= $e(Format::count($queue->waiting, 'job waits', 'jobs wait')) ?>, the first since <?= $time($queue->waitingSince) ?>.
<?php endif ?>
<?php if ($queue->longRuns > 0) : ?>
    <?= $e(Format::count($queue->longRuns, 'job has', 'jobs have')) ?> been running for more than half of the longest time allowed.
<?php endif ?>
<?php if ($queue->lastCompletedAt === null) : ?>
    No job was ever completed.
<?php else : ?>
    Nothing was completed since <?= $time($queue->lastCompletedAt) ?>.
<?php endif ?>
    Look at <a href="admin_workers.php">when the workers were last seen</a> and at the reasons of
    <a href="admin.php?state=failed">failed jobs</a>.</p>
