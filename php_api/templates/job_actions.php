<?php
/**
 * The actions for a job. Deleting asks for confirmation, even without JavaScript.
 *
 * @var CrowdSky\Jobs\Job $job
 * @var string $return  page to come back to
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 */
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\JobStatus;

[$what, $consequence] = match ($job->kind) {
    JobKind::Rescan => [$t('Delete rescan {id}', ['id' => $job->id]), $t('This removes the record of this rescan; the stack stays as it is.')],
    JobKind::Series => [$t('Delete series {id}', ['id' => $job->id]), $t('This removes the series for good; the stack and its subs stay as they are.')],
    JobKind::Hips, JobKind::Calibrate, JobKind::Hats => [$t('Delete job {id}', ['id' => $job->id]), $t('This removes the record of this job; what it has made stays.')],
    default => [$t('Delete job {id}', ['id' => $job->id]), $t('This removes the job, its subs and its stack for good.')],
};
$hidden = '<input type="hidden" name="csrf_token" value="' . $e($csrfToken) . '">'
    . '<input type="hidden" name="job_id" value="' . $e($job->id) . '">'
    . '<input type="hidden" name="return" value="' . $e($return) . '">';
?>
<div class="actions small">
<?php if ($job->mergedIntoId !== null) : // its subs are elsewhere ?>
<?php elseif ($job->isHopeless()) : ?>
    <details>
        <summary><?= $t('Try again…') ?></summary>
        <form method="post" action="job.php"><?= $hidden ?>
            <p><?= $t('The fault is in the subs: another run would end the same way. Only a newer version of the stacking could help.') ?></p>
            <button class="second" name="action" value="requeue"><?= $t('Try again all the same') ?></button>
        </form>
    </details>
<?php elseif ($job->status === JobStatus::Failed || $job->status === JobStatus::Cancelled || $job->status === JobStatus::Retry) : ?>
    <form method="post" action="job.php"><?= $hidden ?><button class="second" name="action" value="requeue"><?= $t('Try again now') ?></button></form>
<?php endif ?>
<?php if (!$job->status->isFinished()) : ?>
    <form method="post" action="job.php"><?= $hidden ?><button class="second" name="action" value="cancel"><?= $t('Cancel') ?></button></form>
<?php endif ?>
    <details>
        <summary><?= $t('Delete…') ?></summary>
        <form method="post" action="job.php"><?= $hidden ?>
            <p><?= $consequence ?></p>
            <button class="danger" name="action" value="delete"><?= $what ?></button>
        </form>
    </details>
</div>
