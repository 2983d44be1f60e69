<?php
/**
 * @var ?bool $isSolved  null when nobody has tried
 */
?>
<?php if ($isSolved === true) : ?>
<span class="state solved">solved</span>
<?php elseif ($isSolved === false) : ?>
<span class="state unsolved">not solved</span>
<?php else : ?>
<span class="state">not measured</span>
<?php endif ?>
