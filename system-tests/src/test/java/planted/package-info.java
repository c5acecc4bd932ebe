/** Small offenders, one a rule: the architecture test must catch each of them. */
@NullMarked
package planted;

import org.jspecify.annotations.NullMarked;
