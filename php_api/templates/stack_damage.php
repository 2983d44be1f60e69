<?php
/**
 * @var string $damagedAt when the stack was first found damaged
 * @var CrowdSky\Jobs\Job $job that makes it
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $time
 */
?>
<p class="problem"><?= $t('The file of this stack is missing from the archive or damaged there; this was found on {date}.', ['date' => $time($damagedAt)]) ?>
    <?= $job->status->isFinished()
        ? $t('Upload its subs again, and it is stacked again under the same number: <a href="upload.php">Upload subs</a>. If the file is put back, it counts again from the next cleanup on.')
        : $t('Its subs are being stacked again by <a href="job.php?id={id}">job {id}</a>; there is nothing to do.', ['id' => $job->id]) ?></p>
