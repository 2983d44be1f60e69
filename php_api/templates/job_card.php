<?php
/**
 * @var CrowdSky\Jobs\Job $job
 * @var ?int $stackId
 * @var int $chunkMinutes
 * @var string $return  page to come back to
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Base\Format;

?>
<article class="card">
    <header>
        <h2><a href="job.php?id=<?= $e($job->id) ?>"><?= $e($job->objectName ?? 'Unnamed object') ?></a></h2>
        <?= $partial('job_state', ['job' => $job]) ?>
    </header>
    <p class="facts"><?= $e(Format::chunk($job->chunkKey, $chunkMinutes)) ?><?= str_starts_with((string) $job->headerClock, 'local') ? ' ' . $t('local time') : ' UTC' ?> · <?= $e($job->material()) ?> ·
        <?= $e(Format::bytes($job->totalBytes)) ?><?= $job->filterName === null ? '' : ' · ' . $e($job->filterName) ?><?= $job->exposureSeconds === null ? '' : ' · ' . $e(Format::seconds($job->exposureSeconds)) ?></p>
<?= $partial('job_progress', ['job' => $job]) ?>
<?php if ($stackId !== null) : ?>
    <p class="actions"><a class="button" href="stack.php?id=<?= $e($stackId) ?>">See the stack</a>
        <a class="button second" href="download.php?id=<?= $e($stackId) ?>">Download</a></p>
<?php endif ?>
<?= $partial('job_actions', ['job' => $job, 'return' => $return]) ?>
</article>
